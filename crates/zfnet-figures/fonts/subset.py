"""Cuts the letters that figures are written in out of Noto Sans SC, and writes down how wide they are.

    npm pack @expo-google-fonts/noto-sans-sc && tar xzf expo-google-fonts-noto-sans-sc-*.tgz
    pip install fonttools
    python3 subset.py package

Regular gets Latin, the signs below, the 3,755 characters of GB 2312's first level, and every Chinese character that stands
in the repository's texts; bold, which only names things, gets those of the texts alone.
"""

import pathlib
import re
import sys

from fontTools.subset import Options, Subsetter, load_font, save_font

HERE = pathlib.Path(__file__).resolve().parent
REPOSITORY = HERE.parents[2]
LATIN = [*range(0x20, 0x7F), *range(0xA0, 0x100)]
SIGNS = "–—‘’“”•…€←↑→↓−√∑∞∫≈≠≤≥′″‰αβγδεηθκλμπρσφχψωΔΣΩ、。《》〈〉「」『』【】！（），：；？％～￥"
NARROW = "·×÷±§¶•←↑→↓√∞≈≠≤≥"
# Of a thousand: beside such a sign.
ROOM = 70
CHINESE = re.compile("[\u3400-\u9fff]")


def common():
    for high in range(0xB0, 0xD8):
        for low in range(0xA1, 0xFF):
            yield from bytes([high, low]).decode("gb2312", "ignore")


def of_the_texts():
    for folder in ("crates", "www"):
        for file in (REPOSITORY / folder).rglob("*"):
            if file.suffix in {".rs", ".js", ".html", ".json", ".md", ".txt"}:
                yield from CHINESE.findall(file.read_text("utf-8", "ignore"))


def narrowed(font):
    """Signs that Chinese writes as wide as a character, as Latin writes them: quotes have such glyphs, others lose their room."""
    letters, outlines, advances = font.getBestCmap(), font["glyf"], font["hmtx"]
    features = font["GSUB"].table
    proportional = {}
    for record in features.FeatureList.FeatureRecord:
        if record.FeatureTag == "pwid":
            for at in record.Feature.LookupListIndex:
                for table in features.LookupList.Lookup[at].SubTable:
                    proportional |= getattr(table, "ExtSubTable", table).mapping
    for sign in map(ord, "‘’“”"):
        narrow = proportional[letters[sign]]
        for table in font["cmap"].tables:
            if sign in table.cmap:
                table.cmap[sign] = narrow
    for sign in NARROW:
        name = letters[ord(sign)]
        outline = outlines[name]
        outline.coordinates.translate((ROOM - outline.xMin, 0))
        outline.recalcBounds(outlines)
        advances[name] = (outline.xMax + ROOM, ROOM)


def cut(source, target, characters):
    options = Options(layout_features=[], hinting=False, notdef_outline=True, name_IDs=[0, 1, 2, 4, 6, 13, 14])
    font = load_font(source, options)
    narrowed(font)
    subsetter = Subsetter(options)
    subsetter.populate(text="".join(sorted(characters)))
    subsetter.subset(font)
    save_font(font, target, options)
    letters, advances, em = font.getBestCmap(), font["hmtx"], font["head"].unitsPerEm
    return lambda code: round(1000 * advances[letters[code]][0] / em)


def main(package):
    always = {*map(chr, LATIN), *SIGNS}
    texts = set(of_the_texts())
    faces = [
        cut(package / "400Regular/NotoSansSC_400Regular.ttf", HERE / "NotoSansSC-Regular.ttf", {*always, *common(), *texts}),
        cut(package / "700Bold/NotoSansSC_700Bold.ttf", HERE / "NotoSansSC-Bold.ttf", {*always, *texts}),
    ]
    signs = [sign for sign in SIGNS if ord(sign) < 0x2E80]
    tables = [
        ("LATIN", "of the characters from U+0020 to U+007E and from U+00A0 to U+00FF", [[*map(face, LATIN)] for face in faces]),
        ("SIGNS", "of `SIGN`", [[face(ord(sign)) for sign in signs] for face in faces]),
    ]
    lines = ["//! Widths of letters in thousandths of their height, regular and bold; written by `fonts/subset.py`.", ""]
    lines += ["/// Other letters that are narrower than high.", f'pub(super) const SIGN: &str = "{"".join(signs)}";']
    for name, what, (regular, bold) in tables:
        count = len(LATIN) if name == "LATIN" else len(signs)
        both = ", ".join(f"[{', '.join(map(str, face))}]" for face in (regular, bold))
        lines += ["", f"/// Those {what}.", f"pub(super) const {name}: [[u16; {count}]; 2] = [{both}];"]
    (HERE.parent / "src/letters/widths.rs").write_text("\n".join(lines) + "\n", "utf-8")


main(pathlib.Path(sys.argv[1]))
