//! Files that are often taken for another: what a download or a clone leaves behind under the name of what was wanted.

/// What a file is by its first bytes, where it is none of ours; `None` for what is not known, which may be what was wanted.
///
/// The words end the sentence "expected …, found".
pub fn kind(bytes: &[u8]) -> Option<&'static str> {
    if bytes.is_empty() {
        return Some("an empty file");
    }
    if is_lfs_pointer(bytes) {
        return Some("a Git LFS pointer, not the file itself, which `git lfs pull` fetches");
    }
    let binary: [(&[u8], &str); 5] = [
        (b"PK\x03\x04", "a ZIP archive"),
        (b"PK\x05\x06", "an empty ZIP archive"),
        (b"\x1f\x8b", "a gzip archive"),
        (b"\x89HDF\r\n\x1a\n", "an HDF5 file, as Keras writes it"),
        (b"%PDF-", "a PDF"),
    ];
    let known = binary.iter().find(|(start, _)| bytes.starts_with(start));
    known
        .map(|(_, name)| *name)
        .or_else(|| is_html(bytes).then_some("a web page (HTML), not the file itself"))
}

/// Whether a file is what a clone without large files has in their place.
pub(crate) fn is_lfs_pointer(bytes: &[u8]) -> bool {
    bytes.starts_with(b"version https://git-lfs.github.com/spec/")
}

/// Whether a file begins as web pages do, blanks and comments aside.
fn is_html(bytes: &[u8]) -> bool {
    let beginning = &bytes[..bytes.len().min(4096)];
    let text = String::from_utf8_lossy(beginning).to_ascii_lowercase();
    let mut text = text.trim_start_matches('\u{feff}').trim_start();
    while let Some((_, rest)) = text
        .strip_prefix("<!--")
        .and_then(|comment| comment.split_once("-->"))
    {
        text = rest.trim_start();
    }
    ["<!doctype html", "<html", "<head", "<body"]
        .iter()
        .any(|start| text.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::kind;

    #[test]
    fn what_a_download_leaves_behind_is_named() {
        let pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 3742032\n";
        for (bytes, words) in [
            (&b""[..], "an empty file"),
            (pointer, "a Git LFS pointer"),
            (b"\n<!DOCTYPE HTML PUBLIC", "a web page"),
            (
                b"\xef\xbb\xbf<!-- saved from --> <html lang=en>",
                "a web page",
            ),
            (b"PK\x03\x04....mimetype", "a ZIP archive"),
            (b"\x1f\x8b\x08\0", "a gzip archive"),
        ] {
            let found = kind(bytes).expect(words);
            assert!(found.starts_with(words), "{found}");
        }
    }

    #[test]
    fn what_may_be_wanted_is_not() {
        for bytes in [
            &b"\x10\0\0\0\0\0\0\0{\"__metadata__\""[..],
            b"[{\"file\": \"<html>.jpg\"}]",
            b"version\nhead\nbody",
            b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>",
            b"\xff\xd8\xff\xe0",
        ] {
            assert_eq!(kind(bytes), None);
        }
    }
}
