"""Names in Chinese text: after 我叫, 我姓, 收件人; before 先生, 女士; where jieba and the words around agree.

No trained Chinese entity model can be had from the package index, so a name needs a surname from the list and a place
where names stand.
"""

import re
from collections.abc import Sequence

from pipeline.redact.candidates import CERTAIN, LIKELY, WEAK, Candidate

CHINESE_SURNAMES = frozenset(
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏窦章苏潘葛奚范彭郎鲁韦马苗花方俞任袁柳"
    "鲍史唐费廉岑薛雷贺倪汤滕殷罗毕郝邬安常乐于傅卞齐康伍余顾孟黄穆萧尹姚邵汪祁毛狄戴宋庞熊纪舒屈项祝董梁杜阮蓝闵席季"
    "贾路娄江童颜郭梅盛林钟徐邱骆高夏蔡田樊胡凌霍虞万柯卢莫房解应宗丁邓洪包左石崔吉龚程邢裴陆荣翁甄曲封储靳段焦侯"
    "宁仇甘厉祖武符刘景詹龙叶司黎薄白蒲邰赖卓屠池乔闻党翟谭申冉桑桂牛边燕尚温庄柴瞿阎习向古易廖耿匡文欧利师巩聂晁"
    "关查游权盖凃涂付仝佟闫肖代鞠禹丛邸"
)
CHINESE_DOUBLE_SURNAMES = "欧阳|司马|上官|诸葛|东方|皇甫|尉迟|公孙|慕容|令狐|司徒|夏侯|端木|独孤|南宫"

# How people say which character their name is written with: 弓长张, 木子李.
CHINESE_SPELLED = (
    "弓长张|立早章|木子李|双木林|耳东陈|口天吴|三横王|三横一竖王|草头黄|大肚黄|言午许|古月胡|人可何|双人徐|走肖赵|耳关郑|干勾于|"
    "立里童|草头范|草头蒋|文刀刘|卯金刀刘|女字旁姚|二马冯|禾木程|双口吕|千里马马|木易杨|木土杜|十八子李|美女姜|水工江|三点水江|"
    "草字头苏|办苏苏|竖心旁|革斤靳|衣谁|四维罗|马户驴|日月明|日京景|山今岑|广东的广"
)

_SURNAME = rf"(?:{CHINESE_DOUBLE_SURNAMES}|[{''.join(sorted(CHINESE_SURNAMES))}])"
_HAN = r"[\u4e00-\u9fff]"
TITLE = (
    r"(?:先生|女士|小姐|太太|老师|经理|师傅|主任|医生|大夫|律师|阿姨|大爷|大姐"
    r"|总(?![是会共要部得算的有之体额计行数价结和]))"
)
# Leads after which a name must come; the word after is a name when it begins with a surname and ends where a word ends.
STRICT_LEADS = re.compile(
    r"(?:我(?:的?名字)?(?:就?叫做?|姓名是)|(?:名字|姓名|户名|收件人|收货人|寄件人|联系人|持卡人|投保人|被保险人"
    r"|开户人|户主|机主|本人|署名|全名)(?:(?:就)?(?:是|叫|为"
    r"|写的是)|：|:)?|(?:他|她|他们|孩子|老公|老婆|先生|爱人|儿子|女儿|妈妈|爸爸)(?:的名字)?(?:就?叫|名叫)"
    r"|(?i:\bname is|\bname's|\bcall me)|名叫|免贵姓|(?:我|他|她|您)姓|姓)\s*"
)
LOOSE_LEADS = re.compile(
    r"(?:(?i:\bthis is|\bi'?m|\bi am)|我这?边?是|这里是|我就是|您是|你是|请问是|是不是|我是你?们?的?客服|客服|工号"
    r"|同事|快递员|骑手|司机|店员|专员|坐席|找(?:一下)?|联系(?:一下)?|叫|跟|和|给|为您服务的是)\s*"
)
TITLED = re.compile(rf"(?P<name>(?:{_HAN}{{0,2}}))(?P<title>{TITLE})")
NICK = re.compile(
    rf"(?:我是|我叫|叫|客服|同事|你们的?|找|这里是|师傅|快递员)\s*(?P<name>[小老阿]{_SURNAME})(?!{_HAN}?(?:额|号|事"
    rf"|时|米|区))"
)
SPELLED = re.compile(rf"(?:{CHINESE_SPELLED})(?:的(?:{_SURNAME}))?")
EXPLAINED = re.compile(rf"(?:{_HAN}{{0,3}}({_HAN}){_HAN}{{0,3}}的\1(?!{_HAN}{{0,1}}(?:不|没)))")
# Surnames that are everyday words; before a title or alone they are surnames only with more evidence.
WORDY = frozenset("和方常安时高金白黄马路向单应于成连相水石田平温文全强关师车查有易古都边万千许何从费明计习利游权")
STOP_AFTER = frozenset(
    "我你您他她它想要请的了在是啊呢吧哦嗯这那就也都还有没不可能帮来去从给把被让跟和与打问买卖退换查说电手今昨明早晚上下你现刚之因所为"
)
STOP_BEFORE = frozenset("我你您他她它的了吗是在这那就都没不请跟和找给把被让下位")
NO_NAME = re.compile(
    r"谢谢|感谢|高级|黄金|白金|金卡|白条|方便|平安|安全|常用|经常|马上|明天|时候|单位|应该|于是|关于|向来|许多"
    r"|何时|费用|连续|水果|石油|田园|温度|文件|全部|强制|关闭|师傅|车子|查询|有人|易购|万一"
    r"|千万|成功|相关|明白|"
    r"钱包|钱款|钱不|钱没|钱到|金额|金融|黄牛|黄色|白色|路上|高铁|高速|江苏|江西|黑色|沈阳|郑州|徐州|常州|安徽"
    r"|安卓|华为|苏宁|苏州|吉林|宁波|宁夏|云南|武汉|温州|金华|康师傅|马云|张三"
    r"|李四|余额\w*|方案|方式|包裹|包装|党员|计划|"
    r"万元|任何|乐意|乐视|顾客|管理|管家|解决|解除|解绑|程序|项目|席位|季度|支付|毛病|和我|和你|时间|成都|单子"
    r"|雷达|盛大|代理|代办|房子|房产|房东|农行|农业|幸福|车险|车票|牛奶|祖父|简单"
    r"|古董|祝您|祝你|应用|符合|童装|童鞋|习惯|"
    r"向你|向您|路由器?|温馨|易付宝|毕业|毕竟|花呗|花钱|花了|安装|安排|安心|严重|魏则西|施工|江南|伍佰|贝壳|龙卡"
    r"|段时间|左右|左边|石家庄|燕郊|关系|关注|欧元|欧洲|麻烦|白天|段子|冷冻|邮箱"
    r"|邮件|文员|利息|利率|权益|权限"
)


def find_chinese_names(text: str, tokens: Sequence[tuple[int, int, str]] = ()) -> list[Candidate]:
    """Find names.

    Args:
        text: Text with Chinese characters.
        tokens: jieba's words: start, end and part of speech.
    """
    found = _find_led(text, tokens) + _find_titled(text, tokens)
    found += [Candidate("NAME", *match.span("name"), LIKELY) for match in NICK.finditer(text)]
    found += [Candidate("NAME", *match.span(), LIKELY) for match in SPELLED.finditer(text)]
    found += [Candidate("NAME", *match.span(), WEAK) for match in EXPLAINED.finditer(text)]
    found += [
        Candidate("NAME", start, end, WEAK) for start, end, flag in tokens if flag == "nr" and _is_name(text[start:end])
    ]
    return found


def _find_led(text: str, tokens: Sequence[tuple[int, int, str]]) -> list[Candidate]:
    found = []
    for pattern, is_strict in ((STRICT_LEADS, True), (LOOSE_LEADS, False)):
        for lead in pattern.finditer(text):
            end = _read_name(text, lead.end(), tokens, is_strict=is_strict, is_surname=lead[0].rstrip().endswith("姓"))
            if end:
                found.append(Candidate("NAME", lead.end(), end, CERTAIN if is_strict else LIKELY))
    return found


def _read_name(
    text: str, start: int, tokens: Sequence[tuple[int, int, str]], *, is_strict: bool, is_surname: bool
) -> int | None:
    """Find where a name that begins here ends."""
    surname = re.compile(_SURNAME).match(text, start)
    if not surname or NO_NAME.match(text, start):
        return None
    tagged = _find_tagged(start, tokens)
    if tagged and _is_name(text[start:tagged]):
        return tagged + _count_given_after(text, start, tagged, tokens)
    given = re.compile(rf"{_HAN}{{0,2}}").match(text, surname.end())
    rest = given[0] if given else ""
    n_given = next((index for index, character in enumerate(rest) if character in STOP_AFTER), len(rest))
    is_ended = (
        surname.end() + n_given == len(text)
        or not re.match(_HAN, text[surname.end() + n_given])
        or text[surname.end() + n_given] in STOP_AFTER
    )
    if is_surname and (n_given == 0 or not is_ended):
        return surname.end()
    if not is_strict or not is_ended or n_given == 0 or _is_word(start, surname.end() + n_given, tokens):
        return None
    return surname.end() + n_given


def _find_tagged(start: int, tokens: Sequence[tuple[int, int, str]]) -> int | None:
    return next(
        (end for begin, end, flag in tokens if begin == start and flag in {"nr", "nrt", "nrfg"} and end - begin >= 2),
        None,
    )


def _count_given_after(text: str, start: int, end: int, tokens: Sequence[tuple[int, int, str]]) -> int:
    """Take in a single character that jieba cut off: 刘德|发 at the end of the text."""
    if end - start != 2 or end >= len(text) or text[end] in STOP_AFTER or not re.match(_HAN, text[end]):
        return 0
    is_single = any(begin == end and stop == end + 1 for begin, stop, _ in tokens)
    is_ended = end + 1 == len(text) or not re.match(_HAN, text[end + 1])
    return int(is_single and is_ended)


def _is_word(start: int, end: int, tokens: Sequence[tuple[int, int, str]]) -> bool:
    """Say whether the stretch is one ordinary word of the dictionary, or cuts into one."""
    for begin, stop, flag in tokens:
        if begin < end < stop:
            return True
        if begin == start and stop - begin >= 2 and flag not in {"nr", "nrt", "nrfg", "x", "nz", "ns"}:
            return True
    return False


def _is_name(word: str) -> bool:
    return 2 <= len(word) <= 4 and re.match(_SURNAME, word) is not None and not NO_NAME.match(word)


def _find_titled(text: str, tokens: Sequence[tuple[int, int, str]]) -> list[Candidate]:
    """Find 王先生, 王小明女士: the surname nearest before the title, or the name that jieba sees there."""
    found = []
    for match in re.finditer(TITLE, text):
        title = match.start()
        tagged = next(
            (
                begin
                for begin, end, flag in tokens
                if end == title and flag in {"nr", "nrt", "nrfg"} and _is_name(text[begin:end])
            ),
            None,
        )
        start = tagged if tagged is not None else _find_surname_before(text, title)
        if start is not None and not NO_NAME.match(text, max(0, title - 2)):
            found.append(Candidate("NAME", start, title, LIKELY))
    return found


def _find_surname_before(text: str, title: int) -> int | None:
    for length in (1, 2, 3, 4):
        word = text[max(0, title - length) : title]
        if len(word) < length or not re.fullmatch(rf"{_HAN}+", word):
            return None
        if length == 1 and (word in WORDY - set("方高金白黄马田石温文于") or word not in CHINESE_SURNAMES):
            continue
        if (
            length == 2
            and word not in CHINESE_DOUBLE_SURNAMES
            and (word[0] not in CHINESE_SURNAMES or word[1] in STOP_BEFORE or word[0] in WORDY)
        ):
            continue
        if length >= 3 and (not re.match(_SURNAME, word) or set(word) & STOP_BEFORE or word[0] in WORDY):
            continue
        return title - length
    return None
