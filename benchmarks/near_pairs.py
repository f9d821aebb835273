"""Near pairs: are reasons that sound alike told apart, and is each brought together, with each encoder?

    python -m benchmarks.near_pairs [--number-given] [--failed]

Prints a Markdown table: pairs that may be tuned on and pairs that were put away, by language. The English encoder is
asked the English sentences only. `--failed` lists the sentences that failed, of the pairs that were not put away.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from pipeline.config import ENGLISH_ENCODER, ENGLISH_ENCODERS, MULTILINGUAL_ENCODER, ModelSettings, choose_reason_base
from pipeline.contexts import ClauseEncoder
from pipeline.encoders import load_encoder, load_reason_encoder
from pipeline.evaluate.bench import RememberingEncoder
from pipeline.near_pairs import NEAR_PAIRS_FILE, Answer, NearPair, count_answers, keep_language, read_near_pairs
from pipeline.pair_trials import try_near_pairs
from pipeline.picking.picker import make_weigh

QUESTIONS = ("two_codes", "all_codes", "apart", "together", "pair_apart", "pair_together")
PAIRS = Path(__file__).parents[1] / "taxonomy" / NEAR_PAIRS_FILE


def try_encoder(name: str, pairs: Sequence[NearPair], *, is_number_given: bool) -> tuple[Answer, ...]:
    """Try the pairs with one encoder: the English one with English sentences, the other with all."""
    taught, plain = (RememberingEncoder(load(name, ModelSettings())) for load in (load_reason_encoder, load_encoder))
    asked = keep_language(pairs, "en") if name == ENGLISH_ENCODER else pairs
    encoder = RememberingEncoder(ClauseEncoder(taught, make_weigh(plain)))
    return try_near_pairs(asked, encoder, is_number_given=is_number_given).answers


def list_rows(base: str, answers: Sequence[Answer]) -> Iterator[str]:
    """List the table's rows of one encoder."""
    for is_put_away in (False, True):
        for language in ("en",) if base in ENGLISH_ENCODERS else (None, "en", "zh"):
            found = [count_answers(answers, one, is_put_away=is_put_away, language=language) for one in QUESTIONS]
            shown = " | ".join(f"{one.ratio:.1%} of {one.n_asked}" for one in found)
            yield f"| {base} | {'put away' if is_put_away else 'open'} | {language or 'all'} | {shown} |"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="Put the near pairs to assigning and grouping.")
    parser.add_argument("--number-given", action="store_true", help="tell the grouping how many reasons there are")
    parser.add_argument("--failed", action="store_true", help="list what failed, of the open pairs")
    options = parser.parse_args()
    pairs = read_near_pairs(PAIRS)
    sys.stdout.write(f"| encoder | pairs | language | {' | '.join(QUESTIONS)} |\n{'| --- ' * (len(QUESTIONS) + 3)}|\n")
    for name in (ENGLISH_ENCODER, MULTILINGUAL_ENCODER):
        base = choose_reason_base(name, ModelSettings())
        answers = try_encoder(name, pairs, is_number_given=options.number_given)
        sys.stdout.write("\n".join(list_rows(base, answers)) + "\n")
        failed = [one for one in answers if options.failed and not one.is_right and not one.is_put_away]
        sys.stdout.writelines(f"{one.question}: {one.pair}: {one.text} → {one.other or 'nowhere'}\n" for one in failed)
        sys.stdout.flush()


if __name__ == "__main__":
    main()
