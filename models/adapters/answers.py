"""Answers to checks and small talk, invented in both languages: what customers say beside their reasons."""

import random

FIRST = [
    "anna", "john", "maria", "wei", "david", "sarah", "tom", "priya",
    "carlos", "mike", "linda", "kevin", "yuki", "omar", "elena", "peter",
]  # fmt: skip
LAST = [
    "miller", "brown", "garcia", "chen", "smith", "patel",
    "jones", "novak", "kim", "lopez", "baker", "young",
]  # fmt: skip
CITY = ["boston", "austin", "madrid", "new york", "leeds", "dallas", "denver", "san diego", "toronto", "delhi"]
MONTH = ["january", "march", "may", "june", "september", "october", "december"]
WHAT = [
    "account", "order", "booking", "confirmation", "policy",
    "reference", "phone", "customer", "ticket", "invoice", "card",
]  # fmt: skip
ZH_NAME = ["王芳", "李伟", "张敏", "刘洋", "陈静", "赵磊"]
ZH_CITY = ["北京", "上海", "成都", "广州", "南京", "西安"]
ZH_WHAT = ["手机号", "订单号", "身份证号", "卡号", "账号", "合同号", "快递单号"]
SMALL_TALK = [
    "are you there", "please take your time", "i will wait", "can you help me please", "let me check", "how are you",
    "i am not sure", "i already sent it", "it is working now", "no that will be all", "nope that is it", "i understand",
    "can i ask something", "that is great news", "sounds good", "you did a great job", "please hurry", "one moment",
    "yes please go ahead", "yes confirm it", "yes that is right", "thanks for your help", "have a good day",
    "喂在吗", "你先查吧", "我等一下", "你能帮我一下吗", "我看看", "不太清楚", "已经发给你了", "现在好了", "没别的了",
    "嗯嗯就这些", "那好吧", "太好了", "你服务挺好的", "麻烦快一点", "对对对", "是的没错", "可以你弄吧", "谢谢啊再见",
]  # fmt: skip
WAITS = [
    "hold on", "one second", "hang on a minute", "bear with me", "wait a moment", "give me a moment", "just a second",
    "sorry", "excuse me", "okay",
]  # fmt: skip
WHY_WAIT = [
    "let me get something to write with", "i need to put my glasses on", "somebody rang the bell",
    "i have to fetch the {what} papers from the other room", "i am just parking the car", "i am stepping outside",
    "it is noisy in here", "my {person} is calling me", "the little one is crying", "i will ask my {person}",
    "my {person} knows that better", "i am looking for the {what} number", "the page takes a while to load",
    "i am opening the app", "my phone is almost empty", "i have to plug in the charger", "the dog wants to go out",
    "i could not hear that last part", "i am on the bus", "i can only talk for five minutes", "i am at work right now",
    "i put it in a drawer somewhere", "i am going down to the basement", "my laptop is starting up",
    "i have it here somewhere", "let me turn the radio off", "i typed it in and now it is thinking",
    "i got it from my {person}", "i lost you for a second there", "i will try again later and call you back",
]  # fmt: skip
PERSON = ["wife", "husband", "mother", "father", "son", "daughter", "boss", "neighbour"]
ZH_WAITS = ["等一下", "稍等", "你等等", "不好意思", "等我一分钟", "嗯"]
ZH_WHY_WAIT = [
    "我找支笔记一下", "我去拿一下眼镜", "有人敲门", "孩子在哭", "我去里屋拿{what}", "我在停车",
    "我这边有点吵", "我换个安静的地方", "我问一下我{person}", "这个我{person}清楚", "我正在找{what}", "页面还在转",
    "我打开软件看看", "手机快没电了我插上充电器", "刚才没听清", "你声音断了一下", "我在地铁上", "我现在上班不太方便",
    "我晚点再打给你", "我开一下电脑",
]  # fmt: skip
ZH_PERSON = ["爱人", "老公", "妈", "爸", "儿子", "女儿", "同事"]
HOLDING_RATIO = 0.25  # of the answers ask to wait, or say why


def invent_answers(n: int) -> list[str]:
    """Invent answers to checks and small talk, which state no reason, in both languages."""
    rng = random.Random(0)  # noqa: S311 - not for secrets
    return [_invent(rng) for _ in range(n)]


def _invent(rng: random.Random) -> str:
    if rng.random() < HOLDING_RATIO:
        return _hold(rng)
    return _invent_english(rng) if rng.random() < 0.6 else _invent_chinese(rng)


def _hold(rng: random.Random) -> str:
    """Invent what is said while the other side waits."""
    waits, reasons, people, things, joint = rng.choice([
        (WAITS, WHY_WAIT, PERSON, WHAT, rng.choice([", ", " "])),
        (ZH_WAITS, ZH_WHY_WAIT, ZH_PERSON, ZH_WHAT, "，"),
    ])  # fmt: skip
    why = rng.choice(reasons).format(person=rng.choice(people), what=rng.choice(things))
    return rng.choice([why, f"{rng.choice(waits)}{joint}{why}"])


def _digits(rng: random.Random, n: int) -> str:
    return "".join(str(rng.randint(0, 9)) for _ in range(n))


def _invent_english(rng: random.Random) -> str:
    first, last, city, month = rng.choice(FIRST), rng.choice(LAST), rng.choice(CITY), rng.choice(MONTH)
    code = " ".join(rng.choice([rng.choice("abcdfghjkm"), _digits(rng, 1), _digits(rng, 2)]) for _ in range(4))
    what = rng.choice(WHAT)
    return rng.choice([
        first, f"{first} {last}", f"my name is {first} {last}", f"{first} {last} and {code}", code, city,
        f"my {what} number is {_digits(rng, 7)}", f"{what} number {code}", f"the {what} number is {code}",
        f"my name is {first} and my {what} number is {code}", f"{_digits(rng, 2)} oak street {city}",
        f"from {city} to {rng.choice(CITY)}", f"{month} {rng.randint(1, 30)}", f"{month} {rng.randint(1, 30)} 2018",
        f"my email is {first}{last} at mail dot com", f"{first}{_digits(rng, 2)}@mail.com", f"{rng.randint(2, 40)}",
        f"{rng.randint(2, 12)} pieces please", f"about {rng.randint(20, 900)} dollars", f"i live in {city}",
        f"food {rng.randint(5, 99)} hotel {rng.randint(50, 400)}", f"i work at {last} and sons",
        f"my company name is {last} foods", f"my password is {first}{_digits(rng, 3)}", "the small one please",
        f"i was born on {month} {rng.randint(1, 30)}", f"yes it is {code}", f"the {month} one works for me",
        *rng.sample(SMALL_TALK[:23], 6),
    ])  # fmt: skip


def _invent_chinese(rng: random.Random) -> str:
    name, city, what = rng.choice(ZH_NAME), rng.choice(ZH_CITY), rng.choice(ZH_WHAT)
    number = _digits(rng, rng.randint(4, 11))
    return rng.choice([
        name, f"我叫{name}", f"我姓{name[0]}", f"{what}是{number}", f"我的{what}是{number}", number,
        city, f"我在{city}",
        f"从{city}到{rng.choice(ZH_CITY)}", f"{rng.randint(1, 12)}月{rng.randint(1, 28)}号", f"{rng.randint(2, 9)}个",
        f"大概{rng.randint(20, 900)}块钱", f"{city}市人民路{rng.randint(1, 300)}号", f"嗯，{number}",
        f"对，尾号{number[:4]}",
        f"是{name}本人", f"我{rng.randint(1, 12)}月买的", f"就要{rng.choice(['黑', '白', '蓝'])}色的", "两大一小",
        *rng.sample(SMALL_TALK[23:], 6),
    ])  # fmt: skip
