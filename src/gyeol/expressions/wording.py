"""Values and names as people read them: labels, money, numbers, quoted texts."""

from __future__ import annotations

from decimal import Decimal

from gyeol.expressions.nodes import Arithmetic, Constant, Name, Negate, Node, sql
from gyeol.expressions.schema import Lang, Schema, currency_of, label_of
from gyeol.kernel.instants import instant_text
from gyeol.kernel.money import exponent

_KOREAN_MONEY = {"KRW": "원", "USD": "달러", "JPY": "엔", "EUR": "유로", "CNY": "위안", "GBP": "파운드"}
_SIGNS = {"KRW": "₩", "USD": "$", "JPY": "¥", "EUR": "€", "GBP": "£"}
_ARITHMETIC = {"+": "+", "-": "−", "*": "×", "/": "÷"}
_FLAGS: dict[Lang, tuple[str, str]] = {"ko": ("아니요", "예"), "en": ("no", "yes")}
_NOTHING: dict[Lang, str] = {"ko": "알 수 없음", "en": "unknown"}


def number_text(value: int | float) -> str:
    """Digits in groups of three, without an exponent and without needless zeros."""
    return f"{int(value):,}" if float(value).is_integer() else f"{Decimal(repr(value)):,f}"


def money_text(minor: int | float, currency: str, lang: Lang) -> str:
    """An amount in minor units as people write it: ``$12.34``, ``12.34달러``, ``₩10,000``, ``10,000원``.

    A mean falls between minor units; two more digits then show on which side of a limit it lies.
    """
    digits = exponent(currency)
    shown = digits if float(minor).is_integer() else digits + 2
    amount = f"{Decimal(repr(minor)).scaleb(-digits):,.{shown}f}"
    if lang == "ko" and currency in _KOREAN_MONEY:
        return amount + _KOREAN_MONEY[currency]
    if lang == "en" and currency in _SIGNS:
        sign = "-" if amount.startswith("-") else ""
        return sign + _SIGNS[currency] + amount.lstrip("-")
    return f"{amount} {currency}"


def value_text(value: object, lang: Lang, schema: Schema | None, like: Node | str | None = None) -> str:
    """A value of a name (or compared with it) as people read it.

    Args:
        value: None for NULL.
        lang: The reader's language.
        schema: For the unit and the words of values.
        like: The name or tree whose value it is.
    """
    name = like if isinstance(like, str) else like.name if isinstance(like, Name) else None
    info = schema.get(name) if schema is not None and name is not None else None
    if value is None:
        return _NOTHING[lang]
    if isinstance(value, bool):
        return _FLAGS[lang][value]
    if isinstance(value, int | float):
        if info is not None and info.type == "time":
            return instant_text(int(value))
        currency = currency_of(schema, name) if name is not None else currency_of_tree(schema, like)
        return number_text(value) if currency is None else money_text(value, currency, lang)
    if isinstance(value, list | tuple):
        return ", ".join(value_text(item, lang, schema, like) for item in value)
    words = info.values.get(str(value), {}) if info is not None else {}
    return f"‘{words.get(lang, value)}’"


def currency_of_tree(schema: Schema | None, node: Node | str | None) -> str | None:
    """The currency in which a sum of money names is counted, or None where the tree is no money."""
    match node:
        case Name():
            return currency_of(schema, node.name)
        case Negate():
            return currency_of_tree(schema, node.item)
        case Arithmetic(op="+" | "-"):
            left, right = currency_of_tree(schema, node.left), currency_of_tree(schema, node.right)
            return left if left == right or isinstance(node.right, Constant) else None
        case Arithmetic(op="*"):
            left, right = currency_of_tree(schema, node.left), currency_of_tree(schema, node.right)
            return left if right is None else right if left is None else None
        case Arithmetic(op="/"):
            left, right = currency_of_tree(schema, node.left), currency_of_tree(schema, node.right)
            return left if right is None else None
        case _:
            return None


def tree_text(node: Node, lang: Lang, schema: Schema | None, like: Node | None = None) -> str:
    """A name by its label, a literal by its words, arithmetic with signs."""
    match node:
        case Name():
            return name_text(node.name, lang, schema)
        case Constant():
            return node.written or value_text(node.value, lang, schema, like)
        case Arithmetic():
            left, right = tree_text(node.left, lang, schema), tree_text(node.right, lang, schema)
            left = f"({left})" if isinstance(node.left, Arithmetic) and node.op in "*/" and node.left.op in "+-" else left
            right = f"({right})" if isinstance(node.right, Arithmetic) and (node.op in "*/" or node.right.op in "+-") else right
            return f"{left} {_ARITHMETIC[node.op]} {right}"
        case Negate():
            return f"−{tree_text(node.item, lang, schema)}" if isinstance(node.item, Name) else f"−({tree_text(node.item, lang, schema)})"
        case _:
            return sql(node)


def name_text(name: str, lang: Lang, schema: Schema | None) -> str:
    """The label; in English its first letter is small, as it stands within a sentence (but VIP stays VIP)."""
    label = label_of(schema, name, lang)
    if lang == "en" and label != name and len(label) > 1 and not label[1].isupper():
        return label[0].lower() + label[1:]
    return label
