use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

/// The path of a file's address; `None` for what is no file of this machine.
pub fn to_path(uri: &str) -> Option<PathBuf> {
    let rest = uri.strip_prefix("file://")?;
    let rest = rest.strip_prefix("localhost").unwrap_or(rest);
    if !rest.starts_with('/') {
        return None;
    }
    let rest = rest.split(['?', '#']).next().unwrap_or_default();
    let mut bytes = Vec::with_capacity(rest.len());
    let mut left = rest.bytes();
    while let Some(byte) = left.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digits = [left.next()?, left.next()?];
        bytes.push(u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?);
    }
    Some(PathBuf::from(OsString::from_vec(bytes)))
}

/// The address of a file.
pub fn of_path(path: &Path) -> String {
    let mut uri = String::from("file://");
    for byte in path.as_os_str().as_bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'.' | b'_' | b'~' => uri.push(char::from(*byte)),
            byte => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_and_its_address() {
        for path in ["/a/b.yaml", "/with blank/ü#1?%.yaml", "/x:y"] {
            assert_eq!(to_path(&of_path(Path::new(path))), Some(PathBuf::from(path)), "{path}");
        }
        assert_eq!(to_path("file:///c%3A/x.yaml"), Some(PathBuf::from("/c:/x.yaml")));
        for other in ["untitled:1", "http://a/b", "file://host/share", "file:///%zz", "file:///a%2", "x"] {
            assert_eq!(to_path(other), None, "{other}");
        }
    }
}
