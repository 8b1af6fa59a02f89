"""Which endings belong to which level of speech, as patterns over words taken apart into jamo.

The levels are those of Korean grammar: 하십시오체 (here 합쇼체), 하오체, 해요체, 해체, 해라체. A pattern that nothing but a sentence's end
has is *sure*, and also parts two sentences without a full stop between them. Endings that nouns may share (-자, -지, -니, -라, -네,
-오, -소, 해) are listed with the stems after which they are endings; the nouns that look like them stand in ``nouns.py``.

Source: 표준 국어 문법론 (남기심·고영근), 상대 높임법; 국립국어원, 표준 언어 예절 (2011).
"""

from __future__ import annotations

import re
from typing import Literal

from gyeol.content.korean.syllables import ANY_LAST, ANY_VOWEL, pattern

Ending = Literal["haeyo", "hapsyo", "hao", "hae", "haera"]

_OPEN, _CLOSED = f"(?<={ANY_VOWEL})", f"(?<={ANY_LAST})"
_ANY = f"(?<={ANY_VOWEL}|{ANY_LAST})"


def _any(*written: str) -> re.Pattern[str]:
    return re.compile("(?:" + "|".join(pattern(one) for one in written) + ")$")


SURE: tuple[tuple[Ending, re.Pattern[str]], ...] = (
    ("hapsyo", _any("<ㅂ>니다", "<ㅂ>니다만", "<ㅂ>니까", "<ㅂ>니당", "<ㅂ>시다", "<ㅂ>디다", "<ㅂ>디까", "십시오", "십시요", "올시다")),
    ("hao", _any("(?:<ㅆㅄㄶ>|그렇|이렇|어떻|좋|싫|옳)소(?:이다)?")),
    (
        "haeyo",
        _any(
            "(?:세|네|에|예|해|돼|봐|줘|둬|놔|려|여|겨|져|켜|쳐|와|워|춰|데|래|대|게|까|나|지|거든|잖아|군|구|걸|고|라|러|다니까|라니까)요",
            "[어아]요",
            "(?:<ㅆ>|<ㄴ>가|이|서|써|커|꺼|떠|퍼|빠|뻐|파|니까|는데)요",
            "(?<!먹이사)(?:죠|죵|쥬)",
            "(?:해|세|네|에|예|게|까|데|돼|줘|려)[용욤염여]",
            _CLOSED + "[어아][용욤]",
        ),
    ),
)
"""Endings of one level whatever stands before them (but for the nouns in 요)."""

MAYBE: tuple[tuple[Ending, re.Pattern[str]], ...] = (
    ("haeyo", _any("요")),
    (
        "hao",
        _any(
            _ANY + "(?<!십)시오",
            "<ㅂ>디다그려",
            _ANY + "구려",
            "[하으되]오",
            _CLOSED + "이오",
            "(?:바라|기다리|이기|드리|버리|모르|부르|다르|빠르|누르|따르|예쁘|기쁘|슬프|아프|고프|바쁘|나쁘|보내|지내)오",
            "[어아해와워여려져겨쳐켜내][주보]오",
            "(?:<ㄴㅆ>다|는다|좋다|이라)오",
            "(?:같|싶|높|깊|맞|고맙|반갑|춥|덥|쉽|름답|스럽|롭|렵|먹|읽|믿|듣|받|찾|웃)소(?:이다)?",
        ),
    ),
    (
        "haera",
        _any(
            "다",
            "더냐",
            "느냐",
            "냐",
            "[<ㅆ>있없]니",
            "뭐니",
            "(?:구|로구|는구)나",
            "<ㄹ>지어다",
            "노라",
            "로다",
            "도다",
            "더라",
            "리라",
            "으라",
            "으마",
            "려무나",
            "[<ㄹ>으하]?렴",
            _CLOSED + "[어아]라",
            "[해여려겨와워져쳐켜봐줘둬돼거너하내나가마자]라",
            "다오",
            "<ㄴ>가",
            "던가",
            "란다",
            "[하가보먹받듣알살놀말웃걷찾믿잡담읽입쉬들열나리키치끼꾸추누으뜨쓰크지시되떠]자",
            "[즐챙남맡옮넘당숨이]기자",
            "[바나배채비세태키]우자",
        ),
    ),
    (
        "hae",
        _any(
            "<ㄹ>[게께]",
            "<ㄹ>까",
            "<ㄹ>래",
            "<ㄹ>걸",
            "<ㄹ>지",
            "<ㄹ>거야",
            "거든",
            "잖아",
            "<ㅆ>(?:어|지|네|대|다며|는데|던데|군|나|거든|을걸|을까)",
            "[있없]나",
            "(?:이|거|뭐|니|구|지|게)야",
            "(?:다|라|자|냐)니까",
            "(?:다|냐|자|더라)고",
            "(?:는|은|던|<ㄴ>)데",
            "(?:는|한|된|간|온|이|있|없)대",
            "이래",
            "더군",
            _CLOSED + "네",
            "[하되이르쁘프크오]네",
            "[있없좋많같싶맞않낫싫렇먹살찮듣받찾읽입웃믿잡걷알놀나]지",
            "[하되이르쁘프크오]지",
            _CLOSED + "[어아]",
            "[돼봐줘둬놔워춰겨져켜쳐]",
            "해",
            "쉬어|뛰어",
            "[알기드달불내올들빌돌걸열팔풀날틀말몰울살뿌버때]려",
            "[보쓰먹움직줄높들놓섞모숙죽속녹]여",
            "써|커|꺼|떠|예뻐|기뻐|아파|고파|바빠|나빠|슬퍼",
            "[몰골올빨발달눌불흘들질서둘]라|[눌불흘들질둘]러",
            "(?:다녀|들어|돌아|올라|내려|따라|가져|데려|넘어|찾아)와",
            "만나|떠나|일어나|끝나|빛나",
            "(?:나|들어|다녀|가져|지나|돌아|찾아|올라|내려)가",
            _OPEN + "야",
        ),
    ),
)
"""Endings that nouns and connectives may share: they are looked at only where a sentence may end, and after ``nouns.py``."""

BEFORE_COMMA = _any("<ㄴㅆ>다", "는다", _CLOSED + "[어아]라", "[해나려겨봐]라")
"""Endings of 해라체 that end a sentence before a comma as well."""

CALLS: dict[str, Ending] = {
    "고마워": "hae",
    "미안해": "hae",
    "사랑해": "hae",
    "축하해": "hae",
    "반가워": "hae",
    "알았어": "hae",
    "알겠어": "hae",
}
"""Words that are a sentence of their own wherever they stand."""

ALONE: dict[str, Ending] = {"그래": "hae", "응": "hae", "아니": "hae", "안녕": "hae", "미안": "hae"}
"""Words that speak only as the whole of a piece."""

FOLLOWED: tuple[tuple[Ending, re.Pattern[str]], ...] = (
    (
        "hae",
        re.compile(
            r"(?:지\s+마|지들\s+마|걱정\s+마|염려\s+마|(?:안|못|잘|같이|어서|빨리|얼른|먼저|놀러|구경|집에)\s+가|(?:어서|이리|빨리|같이|천천히|얼른|또|놀러)\s+와)$"
        ),
    ),
    ("hao", re.compile(r"(?:[이가]\s+아니오|[어아해와워여려져겨쳐켜내]\s+[주보]오|(?:[로에]|안|못|잘|같이)\s+가오)$")),
)
"""Endings that the word before tells from a particle or a noun."""

EARLIER = re.compile(r"(?:(?<=\s)|^)(?:한|올|그|지난|이|새|다음|다다음|첫)\s+해$")
"""``해`` that is the noun *year*."""
