use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use crate::source::{percent_decode, percent_encode};

/// The path of a file's address; `None` for what is no file of this machine.
pub fn to_path(uri: &str) -> Option<PathBuf> {
    let rest = uri.strip_prefix("file://")?;
    let rest = rest.strip_prefix("localhost").unwrap_or(rest);
    if !rest.starts_with('/') {
        return None;
    }
    let rest = rest.split(['?', '#']).next().unwrap_or_default();
    Some(PathBuf::from(OsString::from_vec(percent_decode(rest)?)))
}

/// The address of a file.
pub fn of_path(path: &Path) -> String {
    let mut uri = String::from("file://");
    percent_encode(path.as_os_str().as_bytes(), b"/", &mut uri);
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
        for other in
            ["untitled:1", "http://a/b", "file://host/share", "file:///%zz", "file:///a%2", "file:///a%+5", "x"]
        {
            assert_eq!(to_path(other), None, "{other}");
        }
    }
}
