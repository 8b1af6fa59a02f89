"""What texts are about: words that speak of delivery, price, staff and so on, in Korean and English; and the clause around them."""

from __future__ import annotations

import re

import msgspec

TOPICS: dict[str, tuple[str, str]] = {
    "delivery": (
        r"배송|배달|택배|도착|출고|배송지|송장",
        r"deliver\w*|shipp?ing|shipped|ship|courier|arriv\w+|package never|tracking",
    ),
    "packaging": (r"포장|박스|뽁뽁이|상자|완충", r"packag(?:ing|ed)|box(?:ed)?|wrapp\w+"),
    "price": (
        r"가격|가성비|비싸|비싼|비쌈|저렴|싸요|싸네|싼데|싸고|쌉니다|요금|할인|쿠폰|세일|돈값|돈\s?아까|혜자|바가지",
        r"pric\w+|expensive|cheap(?:er)?|overpriced|cost\w*|discount\w*|coupon\w*|bargain|worth (?:the|every)|value|money",
    ),
    "quality": (
        r"품질|퀄리티|재질|소재|원단|마감|내구성|불량|하자|고장|파손|튼튼|허접|조잡|보풀|짝퉁|정품",
        r"quality|material\w*|fabric|durab\w+|defect\w*|broke\w*|broken|flims\w+|sturdy|well made|fell apart|stopped working",
    ),
    "size": (r"사이즈|크기|치수|정사이즈|기장|품이", r"siz\w+|fit(?:s|ted)?\b|too (?:small|big|large|tight|loose)"),
    "design": (
        r"디자인|색상|색깔|컬러|예쁘|예뻐|이쁘|이뻐|촌스",
        r"design\w*|colou?rs?|look(?:s|ed) (?:nice|good|great|cheap|ugly)|style|stylish|ugly",
    ),
    "taste": (
        r"맛있|맛없|맛이|맛도|맛은|음식|식감|신선|비린|싱거|느끼|존맛|노맛|커피|메뉴",
        r"tast\w+|flavou?r\w*|delicious|food|coffee|meal|menu|fresh|bland|stale",
    ),
    "staff": (
        r"직원|점원|사장님|상담원|상담사|상담|기사님|판매자|고객센터|고객\s?센터|응대|친절|불친절|서비스|매니저|알바",
        r"staff|employee\w*|customer care|service|support|waiter|waitress|cashier|manager|seller|rude|friendly|agent|representative",
    ),
    "refund": (
        r"환불|반품|교환|취소|보상|해지",
        r"refund\w*|return(?:ed|ing|s)?\b|exchang\w+|cancel\w*|money back|compensat\w+|unsubscrib\w+",
    ),
    "payment": (r"결제|카드|입금|이체|청구|포인트|적립", r"pay(?:ment|ing|pal)?\b|charg(?:ed|es|ing)\b|billing|billed|invoice|credit card"),
    "app": (
        r"앱|어플|로그인|업데이트|오류|에러|버그|튕[기겨김깁]|튕긴|렉|로딩|홈페이지|사이트|먹통|접속|서버|광고",
        r"apps?\b|log(?:ging)?[ -]?in|update\w*|bugs?\b|buggy|crash\w*|freez\w+|froze|glitch\w*|lags?\b|laggy|website|error|ads\b|server",
    ),
    "cleanliness": (
        r"청결|깨끗|더럽|더러|위생|냄새|머리카락|벌레|곰팡이",
        r"clean\w*|dirty|filthy|hygien\w+|smell\w*|stink\w*|hair in|mold\w*|bugs in",
    ),
    "waiting": (r"대기|기다리|기다렸|기다린|웨이팅|줄이|줄\s?서", r"wait(?:ed|ing)?\b|queue\w*|in line|on hold|took forever"),
    "stock": (r"품절|재고|재입고|매진", r"out of stock|sold out|in stock|restock\w*|unavailable"),
    "story": (
        r"스토리|줄거리|연기|배우|감독|연출|영상미|결말|각본|개연성|전개|대사",
        r"stor(?:y|ies)|plot|acting|actors?|actress\w*|script|director|directed|ending|screenplay|cast\b|dialogue",
    ),
}
"""Topic → what speaks of it in Korean and in English."""

LABELS: dict[str, dict[str, str]] = {
    topic: {"ko": ko, "en": en}
    for topic, ko, en in (
        ("delivery", "배송", "delivery"),
        ("packaging", "포장", "packaging"),
        ("price", "가격", "price"),
        ("quality", "품질", "quality"),
        ("size", "크기", "size"),
        ("design", "디자인", "design"),
        ("taste", "맛", "taste"),
        ("staff", "직원과 응대", "staff and service"),
        ("refund", "환불·교환", "refunds and returns"),
        ("payment", "결제", "payment"),
        ("app", "앱·사이트", "app and site"),
        ("cleanliness", "청결", "cleanliness"),
        ("waiting", "대기", "waiting"),
        ("stock", "재고", "stock"),
        ("story", "작품", "story and acting"),
    )
}
"""What people call the topics."""

_KO = re.compile("|".join(f"(?P<{topic}>{ko})" for topic, (ko, _) in TOPICS.items()))
_EN = re.compile(r"\b(?:" + "|".join(f"(?P<{topic}>{en})" for topic, (_, en) in TOPICS.items()) + ")", re.IGNORECASE)
_LATIN = re.compile("[A-Za-z]")
_CLAUSE = re.compile(
    r"[.!?\n;,…]+|(?:지만|[는은인한싼쁜린운른던]데|으나)(?=\s)|\b(?:but|however|although|though|yet|while)\b",
    re.IGNORECASE,
)


class Mention(msgspec.Struct, frozen=True, kw_only=True):
    """Words that speak of a topic.

    Args:
        topic: A name of ``TOPICS``.
        start: Where they begin, in characters.
        end: Where they end, exclusive.
        clause_start: Where the clause around them begins.
        clause_end: Where it ends.
    """

    topic: str
    start: int
    end: int
    clause_start: int
    clause_end: int


def mentions(text: str) -> list[Mention]:
    """What a text speaks of: the first words of each topic, in the order of the text.

    Args:
        text: As people wrote it.
    """
    found = list(_KO.finditer(text)) if not text.isascii() else []
    if _LATIN.search(text):
        found += _EN.finditer(text)
    if not found:
        return []
    cuts = [0, *(cut.end() for cut in _CLAUSE.finditer(text)), len(text)]
    made: dict[str, Mention] = {}
    for match in sorted(found, key=lambda m: m.start()):
        topic = match.lastgroup
        if topic is None or topic in made:
            continue
        at = next(i for i in range(1, len(cuts)) if cuts[i] > match.start())
        made[topic] = Mention(topic=topic, start=match.start(), end=match.end(), clause_start=cuts[at - 1], clause_end=cuts[at])
    return list(made.values())
