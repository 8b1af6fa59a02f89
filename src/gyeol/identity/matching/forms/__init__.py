"""Kinds of columns, one file each."""

from gyeol.identity.matching.form import Form
from gyeol.identity.matching.forms import address, birth, category, code, email, name, number, phone, place, postcode, title

FORMS: dict[str, Form] = {
    form.role: form
    for form in (
        name.FORM,
        birth.FORM,
        phone.FORM,
        email.FORM,
        address.FORM,
        postcode.FORM,
        code.FORM,
        place.FORM,
        category.FORM,
        title.FORM,
        number.FORM,
    )
}
"""By role."""
