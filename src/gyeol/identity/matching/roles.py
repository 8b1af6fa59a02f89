"""What a column holds, told from its header and from what stands in it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from gyeol.identity.matching.forms.birth import digits
from gyeol.identity.matching.forms.email import FORM as EMAIL
from gyeol.identity.matching.forms.phone import national
from gyeol.identity.matching.forms.text import plain
from gyeol.identity.matching.hangul import has_hangul

MOST = 0.6
"""A column is of a kind when at least this share of its values looks like it."""
FEW_VALUES = 60
"""A column of at most so many different values, in many records, is a category."""
MANY_DIFFERENT = 0.3
"""A column of so many different values, as a share of those there are, names things one by one; below it says of what kind they are."""
LONG_WORDS = 4.5
"""More words than this on average are a text, not a name."""

_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[^\W\d])(?=\d)")
_NO_WORD = re.compile(r"[^0-9a-z가-힣]+")
# Header words, in English and Korean; the first entry that fits wins.
_HEADERS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("ignored", ("cluster", "truth", "label", "rowid", "created at", "updated at", "modified at", "등록일", "수정일", "가입일")),
    ("email", ("email", "e mail", "mail", "이메일", "메일", "전자우편")),
    ("phone", ("phone", "mobile", "tel", "telephone", "cell", "hp", "fax", "전화", "전화번호", "휴대폰", "휴대전화", "핸드폰", "연락처")),
    ("birth", ("birth date", "date of birth", "dob", "birthday", "birthdate", "birth", "생년월일", "생일", "출생일")),
    ("postcode", ("postcode", "postal code", "zip", "zipcode", "zip code", "post code", "우편번호")),
    (
        "code",
        ("soc sec id", "ssn", "social security", "national id", "passport", "membership", "member no", "회원번호", "주민번호", "카드번호"),
    ),
    ("category", ("gender", "sex", "state", "country", "성별", "국가", "시도")),
    ("given", ("given name", "first name", "forename", "firstname", "given", "fname")),
    ("family", ("family name", "last name", "surname", "lastname", "family", "lname", "성")),
    (
        "address",
        ("address", "addr", "street", "address 1", "address 2", "house number", "street number", "주소", "도로명", "지번", "상세주소"),
    ),
    ("place", ("city", "town", "suburb", "birth place", "place", "venue", "company", "도시", "회사")),
    ("maker", ("manufacturer", "brand", "maker", "vendor", "제조사", "브랜드")),
    ("title", ("title", "product", "product name", "description", "authors", "제목", "상품명", "상품", "품명")),
    ("number", ("price", "amount", "weight", "size", "가격", "금액")),
    ("full", ("full name", "name", "customer name", "person name", "fullname", "이름", "성명", "고객명", "성함")),
    ("source", ("source", "source dataset", "channel", "system", "출처", "채널")),
)


_TELLING = ("full", "given", "family", "birth", "phone", "email", "code", "address", "title")
_WHOLE_NAMES = dict(_HEADERS)["full"]


@dataclass(frozen=True)
class Sample:
    """A column as the detector sees it.

    Args:
        name: Header.
        rows: Records in the file. filled: Of those, with a value. different: Distinct values (may be estimated).
        values: Some of the distinct values.
    """

    name: str
    rows: int
    filled: int
    different: int
    values: Sequence[str]


@dataclass(frozen=True)
class Column:
    """What a column was taken for.

    Args:
        name: Header.
        role: given | family | full | birth | phone | email | address | postcode | code | place | maker | category | title | number |
            ignored.
        why: ``header`` or ``values`` for a role; for an ignored one: empty | constant | unique | repeats.
    """

    name: str
    role: str
    why: str


def detect(samples: Sequence[Sample], repeats: Callable[[str, str], float] = lambda one, other: 1.0) -> list[Column]:
    """The role of every column, in order.

    Args:
        samples: What stands in the columns.
        repeats: For two headers: share of the records in which the one column says what the other says. Asked for columns that both look
            like whole names.
    """
    columns = [_constant(sample) or _role(sample) for sample in samples]
    columns = _names_of_things(columns, samples, repeats)
    if any(column.role == "address" for column in columns):
        columns = [
            Column(column.name, "postcode", "values") if column.why == "values" and _is_postcode(sample, column.role) else column
            for column, sample in zip(columns, samples, strict=True)
        ]
    return columns


def _names_of_things(columns: list[Column], samples: Sequence[Sample], repeats: Callable[[str, str], float]) -> list[Column]:
    """Of several columns of whole names that say different things only one can be the person's, and only if its header plainly says so.

    Songs, artists and albums; beers and breweries: none of them is a person's name.
    """
    names = [column.name for column in columns if column.role == "full"]
    if len(names) < 2 or all(repeats(names[0], other) >= MOST for other in names[1:]):
        return columns
    plainly = [name for name in names if _NO_WORD.sub(" ", _HUMP.sub(" ", name).lower()).strip() in _WHOLE_NAMES]
    person = plainly[0] if len(plainly) == 1 else None
    found = []
    for column, sample in zip(columns, samples, strict=True):
        if column.role != "full" or column.name == person or (person and repeats(person, column.name) >= MOST):
            found.append(column)
        else:
            found.append(Column(column.name, "title" if sample.different >= MANY_DIFFERENT * sample.filled else "place", "values"))
    return found


def _is_postcode(sample: Sample, role: str) -> bool:
    """Beside an address a column of numbers with four to six digits, all of one length, is its postal code."""
    lengths = [len(value) for value in sample.values]
    usual = max(set(lengths), key=lengths.count) if lengths else 0
    return role in ("code", "number") and usual in (4, 5, 6) and _share(sample, lambda v: v.isdigit() and len(v) == usual) >= 0.9


def telling(samples: Sequence[Sample]) -> list[str]:
    """Headers of columns that hardly two people have in common, also of those where this file has one value only."""
    return [sample.name for sample in samples if sample.filled and _role(sample).role in _TELLING]


def _constant(sample: Sample) -> Column | None:
    if not sample.filled:
        return Column(sample.name, "ignored", "empty")
    return Column(sample.name, "ignored", "constant") if sample.different <= 1 else None


def _role(sample: Sample) -> Column:
    by_header, by_values = _by_header(sample.name), _by_values(sample)
    if by_header in ("ignored", "source"):
        return Column(sample.name, "ignored", by_header)
    # What plainly is an address of a kind is one, whatever stands above it.
    if by_values in ("email",) or (by_header is None and by_values is not None):
        return Column(sample.name, by_values, "values")
    if by_header is not None and not _contradicts(by_header, sample):
        return Column(sample.name, by_header, "header")
    return Column(sample.name, by_values or _by_shape(sample), "values")


def _by_header(name: str) -> str | None:
    words = _NO_WORD.sub(" ", _HUMP.sub(" ", name).lower()).strip()
    for role, headers in _HEADERS:
        if words in headers:
            return role
    if re.search(r"\b(?:first|given)", words) and re.search(r"\b(?:surname|last|family)", words):
        return "full"
    for role, headers in _HEADERS:
        if any(re.search(rf"(?:^| ){re.escape(h)}(?: |$)", words) for h in headers) or any(
            h in words for h in headers if not h.isascii() and len(h) > 1
        ):
            return role
    return None


def _share(sample: Sample, fits: Callable[[str], object]) -> float:
    values = sample.values
    return sum(bool(fits(value)) for value in values) / len(values) if values else 0.0


_NAMES = re.compile(r"[가-힣*]{2,5}|[가-힣]{1,2} [가-힣]{1,3}")
_DATE = re.compile(
    r"(?:1[5-9]|20)\d\d(?:[-./년 ]{1,2}\d{1,2}[-./월 ]{1,2}\d{1,2}일?|(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01]))"
    r"|\d{1,2}[/.-]\d{1,2}[/.-](?:19|20)\d\d|\d\d[./-]\d{1,2}[./-]\d{1,2}"
    r"|\d{1,2}(?:st|nd|rd|th)?[ -](?:of )?[A-Za-z]{3,9}\.?,?[ -]\d{2,4}|[A-Za-z]{3,9}\.? \d{1,2}(?:st|nd|rd|th)? ?, ?\d{4}"
)
_PHONE = re.compile(r"\+?[\d\s().\-/]{8,20}")


def _by_values(sample: Sample) -> str | None:
    if _share(sample, lambda v: EMAIL.derive((v,)) is not None) >= MOST:
        return "email"
    if _share(sample, lambda v: _DATE.fullmatch(v.strip()) and digits(v)) >= MOST:
        return "birth"
    if _share(sample, lambda v: _PHONE.fullmatch(v.strip()) and len(national(v) or "") in range(9, 13)) >= MOST:
        return "phone"
    if _share(sample, _is_korean_address) >= MOST:
        return "address"
    if _share(sample, lambda v: _NAMES.fullmatch(v.strip())) >= 0.7 and sample.different > FEW_VALUES:
        return "full"
    return None


def _is_korean_address(value: str) -> bool:
    return has_hangul(value) and len(value.split()) >= 3 and re.search(r"(?:로|길|동|리)\s*\d", value) is not None


def _contradicts(role: str, sample: Sample) -> bool:
    """Whether what stands in a column cannot be what its header says."""
    if role == "email":
        return _share(sample, lambda v: "@" in v) < 0.3
    if role == "phone":
        return _share(sample, lambda v: national(v) is not None) < 0.3
    if role == "birth":
        return _share(sample, lambda v: digits(v) is not None) < 0.3
    if role == "number":
        return _share(sample, lambda v: any(c.isdigit() for c in v)) < 0.3
    if role in ("full", "given", "family"):
        # "name" may stand above names of restaurants and products.
        return _words(sample) > LONG_WORDS or _share(sample, lambda v: any(c.isdigit() for c in v)) > 0.3
    return role == "category" and sample.different > max(FEW_VALUES, sample.filled // 3)


def _words(sample: Sample) -> float:
    return sum(len(plain(v).split()) for v in sample.values) / max(len(sample.values), 1)


def _by_shape(sample: Sample) -> str:
    numeric = _share(sample, lambda v: re.fullmatch(r"\W{0,3}-?[\d,]+(?:\.\d+)?\W{0,3}", v.strip()))
    if sample.different <= FEW_VALUES and sample.different * 3 < sample.filled:
        return "category"
    if numeric >= 0.9:
        whole = _share(sample, lambda v: v.strip().isdigit() and len(v.strip()) >= 5)
        return "code" if whole >= 0.9 and sample.different > 0.3 * sample.filled else "number"
    if _share(sample, lambda v: any(c.isdigit() for c in v) and len(v.split()) == 1) >= 0.8:
        return "code"
    return "title" if _words(sample) > 2.5 else "place"
