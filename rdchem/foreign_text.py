"""Text that others wrote, made fit to be shown: nothing in it is obeyed, nothing in it is hidden."""

import unicodedata


def visible(text: str) -> str:
    """Control, direction and half characters spelled out by their code points; line ends and tabs stay."""
    if text.isprintable():  # nearly all text is, and has none of these
        return text
    return "".join(
        one if one in "\n\t" or unicodedata.category(one) not in ("Cc", "Cf", "Cs") else f"\\u{ord(one):04x}"
        for one in text
    )
