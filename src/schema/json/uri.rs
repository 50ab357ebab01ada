//! The names of schemas, as RFC 3986 resolves them.

use std::collections::HashMap;
use std::rc::Rc;

/// The bytes of all folders that are put together of two texts. Each may be as long as a schema, and there may be as many.
const MOST_JOINED: usize = 16 << 20;

/// A name without its fragment: the folder that it is in, which many share, and the rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Uri<'s> {
    folder: usize,
    rest: &'s str,
}

impl Uri<'_> {
    /// That of a document of which nothing is known.
    pub(super) const UNKNOWN: Self = Uri { folder: 0, rest: "" };
}

/// The folders of names.
pub(super) struct Folders {
    texts: Vec<Rc<str>>,
    known: HashMap<Rc<str>, usize>,
    /// What may still be put together.
    left: usize,
}

impl Folders {
    pub(super) fn new() -> Self {
        let none: Rc<str> = "".into();
        Folders { texts: vec![Rc::clone(&none)], known: HashMap::from([(none, 0)]), left: MOST_JOINED }
    }

    /// What a name without a fragment means beside another one. `None` for a mere query, and where names are too long.
    pub(super) fn resolve<'s>(&mut self, base: Uri<'s>, name: &'s str) -> Option<Uri<'s>> {
        if name.is_empty() {
            return Some(base);
        }
        let path = &name[..name.find('?').unwrap_or(name.len())];
        if path.is_empty() {
            return None;
        }
        let scheme = scheme(path);
        let cut = path.rfind('/').map_or(scheme.len(), |slash| slash + 1);
        let (mut folders, mut rest) = (path[..cut].to_owned(), &name[cut..]);
        let is_bare = path[scheme.len()..].strip_prefix("//").is_some_and(|authority| !authority.contains('/'));
        if is_bare || matches!(&path[cut..], "." | "..") {
            folders = format!("{path}/");
            rest = &name[path.len()..];
        }
        if folders.is_empty() {
            return Some(Uri { folder: base.folder, rest });
        }
        let of_base = Rc::clone(&self.texts[base.folder]);
        let before = match &*folders {
            _ if !scheme.is_empty() => "",
            absolute if absolute.starts_with("//") => self::scheme(&of_base),
            absolute if absolute.starts_with('/') => origin(&of_base),
            _ => &of_base,
        };
        if !before.is_empty() {
            self.left = self.left.checked_sub(before.len() + folders.len())?;
        }
        let folder = self.folder(without_dots(format!("{before}{folders}")));
        Some(Uri { folder, rest })
    }

    fn folder(&mut self, text: String) -> usize {
        if let Some(known) = self.known.get(text.as_str()) {
            return *known;
        }
        let text: Rc<str> = text.into();
        self.texts.push(Rc::clone(&text));
        self.known.insert(text, self.texts.len() - 1);
        self.texts.len() - 1
    }
}

/// The scheme of a name with its colon; nothing of a relative one.
fn scheme(name: &str) -> &str {
    let Some(end) = name.find([':', '/', '?']).filter(|end| name[*end..].starts_with(':')) else { return "" };
    let is_scheme = name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name[..end].chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
    if is_scheme { &name[..=end] } else { "" }
}

/// A folder's scheme and authority, to which a path that begins with a slash is relative.
fn origin(folder: &str) -> &str {
    let scheme = scheme(folder).len();
    match folder[scheme..].strip_prefix("//") {
        Some(rest) => &folder[..scheme + 2 + rest.find('/').unwrap_or(rest.len())],
        None => &folder[..scheme],
    }
}

/// A folder without `.` and `..`. Where nothing is known of the document, what leads out of its folder stays.
fn without_dots(folder: String) -> String {
    if !folder.contains("./") {
        return folder;
    }
    let origin = origin(&folder);
    let path = &folder[origin.len()..];
    let is_rooted = !origin.is_empty() || path.starts_with('/');
    let mut kept: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "." => {}
            ".." => match kept.last() {
                Some(&"..") | None => kept.extend((!is_rooted).then_some(part)),
                // The slash that a path begins with.
                Some(&"") if kept.len() == 1 => {}
                Some(_) => _ = kept.pop(),
            },
            _ => kept.push(part),
        }
    }
    format!("{origin}{}", kept.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolved(base: &str, name: &str) -> Option<String> {
        let mut folders = Folders::new();
        let base = folders.resolve(Uri::UNKNOWN, base)?;
        let Uri { folder, rest } = folders.resolve(base, name)?;
        Some(format!("{}{rest}", folders.texts[folder]))
    }

    /// The examples of RFC 3986, section 5.4, but for fragments and queries alone.
    #[test]
    fn as_the_standard_resolves_them() {
        for (name, expected) in [
            ("g:h", "g:h"),
            ("g", "http://a/b/c/g"),
            ("./g", "http://a/b/c/g"),
            ("g/", "http://a/b/c/g/"),
            ("/g", "http://a/g"),
            ("//g", "http://g/"),
            ("g?y", "http://a/b/c/g?y"),
            ("g?y/./x", "http://a/b/c/g?y/./x"),
            (";x", "http://a/b/c/;x"),
            ("", "http://a/b/c/d;p?q"),
            (".", "http://a/b/c/"),
            ("./", "http://a/b/c/"),
            ("..", "http://a/b/"),
            ("../", "http://a/b/"),
            ("../g", "http://a/b/g"),
            ("../..", "http://a/"),
            ("../../g", "http://a/g"),
            ("../../../g", "http://a/g"),
            ("/./g", "http://a/g"),
            ("/../g", "http://a/g"),
            ("g.", "http://a/b/c/g."),
            ("..g", "http://a/b/c/..g"),
            ("./g/.", "http://a/b/c/g/"),
            ("g/./h", "http://a/b/c/g/h"),
            ("g/../h", "http://a/b/c/h"),
        ] {
            assert_eq!(resolved("http://a/b/c/d;p?q", name).as_deref(), Some(expected), "{name}");
        }
        assert_eq!(resolved("http://a/b", "?y"), None);
    }

    #[test]
    fn names_of_other_sorts() {
        for (base, name, expected) in [
            ("http://a", "b.json", "http://a/b.json"),
            ("http://a:80", "/b.json", "http://a:80/b.json"),
            ("urn:a:b", "urn:c", "urn:c"),
            ("urn:a:b", "c", "urn:c"),
            ("", "b.json", "b.json"),
            ("x/a.json", "b.json", "x/b.json"),
            ("x/a.json", "/b.json", "/b.json"),
            ("x/a.json", "../../b.json", "../b.json"),
            ("/x/a.json", "../../b.json", "/b.json"),
            ("x/a.json", "x/http://b/c.json", "x/x/http://b/c.json"),
        ] {
            assert_eq!(resolved(base, name).as_deref(), Some(expected), "{base} {name}");
        }
    }

    #[test]
    fn folders_that_are_too_long_are_not_made() {
        let base = format!("http://a/{}/b", "x".repeat(MOST_JOINED / 4));
        let mut folders = Folders::new();
        let base = folders.resolve(Uri::UNKNOWN, &base).expect("as it is written");
        let made: Vec<bool> =
            ["1/a", "2/a", "3/a", "4/a", "a"].map(|name| folders.resolve(base, name).is_some()).into();
        assert_eq!(made, [true, true, true, false, true]);
    }
}
