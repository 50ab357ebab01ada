use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use zeroize::Zeroizing;

use super::vault_ref::{VaultRef, VaultRefError};
use crate::source::{Decode, Decoder, Node, Shape, percent_encode};

/// Where a secret is kept. A manifest never holds the secret itself.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum SecretRef {
    /// `env:NAME`: an environment variable.
    Env(String),
    /// `file:PATH`: a file; a relative path is relative to the workspace's root.
    File(String),
    /// `vault:PATH#FIELD`: a field of a secret in Vault, or a certificate of Vault's PKI.
    Vault(VaultRef),
}

/// Why a reference is refused. The text is not repeated: it may be the secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SecretRefError {
    /// No `env:`, `file:` or `vault:` in front.
    #[error("this is not a reference to a secret")]
    NoScheme,
    /// Nothing behind the scheme.
    #[error("this reference to a secret names nothing")]
    Empty,
    /// What is behind `vault:` is no place in Vault.
    #[error("{0}")]
    Vault(#[from] VaultRefError),
}

impl FromStr for SecretRef {
    type Err = SecretRefError;
    fn from_str(text: &str) -> Result<Self, SecretRefError> {
        let (scheme, rest) = text.split_once(':').ok_or(SecretRefError::NoScheme)?;
        if rest.is_empty() && matches!(scheme, "env" | "file" | "vault") {
            return Err(SecretRefError::Empty);
        }
        match scheme {
            "env" => Ok(SecretRef::Env(rest.to_owned())),
            "file" => Ok(SecretRef::File(rest.to_owned())),
            "vault" => Ok(SecretRef::Vault(rest.parse()?)),
            _ => Err(SecretRefError::NoScheme),
        }
    }
}
/// How a reference is written.
const HELP: &str = "no secret stands in a manifest: write env:NAME, file:PATH or vault:PATH#FIELD";

impl SecretRefError {
    /// What to write instead; `anything` is said where nothing tells what was meant.
    pub(super) fn help(self, anything: &'static str) -> &'static str {
        match self {
            Self::NoScheme => anything,
            Self::Empty => "write env:NAME, file:PATH or vault:PATH#FIELD",
            Self::Vault(error) => error.help(),
        }
    }
}

/// Decodes a reference, or a template of one.
pub(super) fn decode_reference<T: FromStr<Err = SecretRefError>>(
    node: &Node,
    decoder: &mut Decoder,
    anything: &'static str,
) -> Option<T> {
    let Some(text) = node.scalar() else {
        decoder.wrong_type(node, "a string");
        return None;
    };
    match text.parse::<T>() {
        Ok(value) => Some(value),
        Err(error) => {
            decoder.bad_value(node.span, error.to_string(), error.help(anything));
            None
        }
    }
}

impl Decode for SecretRef {
    fn decode(node: &Node, decoder: &mut Decoder) -> Option<Self> {
        decode_reference(node, decoder, HELP)
    }

    fn shape() -> Shape {
        Shape::parsed::<Self>(HELP, Some(Self::PATTERN))
    }
}

impl SecretRef {
    /// What the text of each matches. No value that is anything else has a type with this pattern.
    pub const PATTERN: &'static str = r"^(env|file|vault):[\s\S]+$";

    /// Whether a text is meant as a reference, a wrong one too, and is no secret itself.
    pub fn is_meant(text: &str) -> bool {
        ["env:", "file:", "vault:"].iter().any(|scheme| text.starts_with(scheme))
    }
}

impl fmt::Display for SecretRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SecretRef::Env(name) => write!(f, "env:{name}"),
            SecretRef::File(path) => write!(f, "file:{path}"),
            SecretRef::Vault(path) => write!(f, "vault:{path}"),
        }
    }
}

impl Serialize for SecretRef {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for SecretRef {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// The shortest secret that is hidden in what others say, in bytes.
const SHORTEST_HIDDEN: usize = 4;

/// A text in each form in which somebody who is sent it may repeat it: as it is, in small and in large letters, as a JSON string, in
/// an address or a form, in base64 and in hexadecimal digits.
fn forms(secret: &str) -> Vec<Zeroizing<String>> {
    let bytes = secret.as_bytes();
    let mut forms = vec![secret.to_owned(), secret.to_lowercase(), secret.to_uppercase()];
    // What is JSON may itself stand in a string of JSON.
    let once = json_forms(secret);
    forms.extend(once.iter().flat_map(|form| json_forms(form)));
    forms.extend(once);
    // Of addresses: everything but letters, digits and `-._~`; and what `encodeURIComponent` leaves. Of forms: `*` and blanks.
    for plain in [b"".as_slice(), b"!'()*"] {
        let mut encoded = String::new();
        percent_encode(bytes, plain, &mut encoded);
        forms.extend([with_small_digits(&encoded), encoded]);
    }
    let mut encoded = String::new();
    percent_encode(bytes, b" *", &mut encoded);
    for encoded in [encoded.replace('~', "%7E").replace(' ', "+"), encoded.replace(' ', "+")] {
        forms.extend([with_small_digits(&encoded), encoded]);
    }
    forms.extend([STANDARD.encode(bytes), STANDARD_NO_PAD.encode(bytes)]);
    forms.extend([URL_SAFE.encode(bytes), URL_SAFE_NO_PAD.encode(bytes)]);
    let hex = |before: &str| bytes.iter().map(|byte| format!("{before}{byte:02x}")).collect::<String>();
    // With `%` before each byte and `\u` before each unit nothing is left as it is.
    let units: String = secret.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect();
    forms.extend([hex("").to_ascii_uppercase(), hex(""), hex("%").to_ascii_uppercase(), hex("%")]);
    forms.extend([with_large_digits(&units), units]);
    forms.into_iter().map(Zeroizing::new).collect()
}

/// The content of a JSON string, as writers differ: with what JSON asks for alone, with a slash or what HTML knows escaped (PHP and
/// Go), and with ASCII alone.
fn json_forms(text: &str) -> Vec<String> {
    let quoted = serde_json::to_string(text).unwrap_or_default();
    let plain = quoted.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or_default().to_owned();
    let escaped = |is_escaped: fn(char) -> bool| {
        let mut out = String::new();
        for c in plain.chars() {
            match is_escaped(c) {
                true => c.encode_utf16(&mut [0; 2]).iter().for_each(|unit| out.push_str(&format!("\\u{unit:04x}"))),
                false => out.push(c),
            }
        }
        out
    };
    let of_html = |c: char| matches!(c, '<' | '>' | '&' | '\u{2028}' | '\u{2029}');
    let of_ascii = |c: char| !c.is_ascii() || c == '\u{7f}';
    let ascii = escaped(of_ascii);
    let small = [ascii.replace('/', "\\/"), ascii, escaped(of_html), plain.replace('/', "\\/"), plain];
    let mut forms: Vec<String> = small.into_iter().flat_map(|form| [with_large_digits(&form), form]).collect();
    forms.sort_unstable();
    forms.dedup();
    forms
}

/// With large letters in the digits behind each `\u`.
fn with_large_digits(escaped: &str) -> String {
    let mut out = String::new();
    let mut rest = escaped.chars();
    while let Some(c) = rest.next() {
        out.push(c);
        if c == '\\'
            && let Some(kind) = rest.next()
        {
            out.push(kind);
            let digits = if kind == 'u' { 4 } else { 0 };
            out.extend(rest.by_ref().take(digits).map(|digit| digit.to_ascii_uppercase()));
        }
    }
    out
}

/// With small letters in the digits behind each `%`.
fn with_small_digits(encoded: &str) -> String {
    let mut out = String::new();
    let mut left = 0;
    for c in encoded.chars() {
        out.push(if left > 0 { c.to_ascii_lowercase() } else { c });
        left = if c == '%' { 2_u8 } else { left.saturating_sub(1) };
    }
    out
}

/// A secret in memory. It cannot be printed: `Debug` does not show it, and there is neither `Display` nor serialisation. Its
/// memory is zeroed when it is dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Wraps a secret.
    pub fn new(value: impl Into<String>) -> Self {
        Self(Zeroizing::new(value.into()))
    }

    /// The secret, for the client that sends it.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// A text of somebody else's without secrets: a server that repeats what it was sent would have us print it. A text is cut
    /// after this, not before: a part of a secret is not found.
    pub fn hidden_in<'s>(text: &str, secrets: impl IntoIterator<Item = &'s Secret>) -> String {
        SecretForms::of(secrets).hidden_in(text)
    }
}

/// Secrets in each form in which somebody may repeat them, for many texts.
pub struct SecretForms(Vec<Zeroizing<String>>);

impl SecretForms {
    /// Of these. One that is shorter than 4 bytes keeps nothing, is in words that a message needs, and is not looked for.
    pub fn of<'s>(secrets: impl IntoIterator<Item = &'s Secret>) -> Self {
        let secrets = secrets.into_iter().map(Secret::expose).filter(|secret| secret.len() >= SHORTEST_HIDDEN);
        let mut forms: Vec<Zeroizing<String>> = secrets.flat_map(forms).collect();
        // Of one that begins with another the end would be left.
        forms.sort_unstable_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.as_str().cmp(b.as_str())));
        forms.dedup();
        Self(forms)
    }

    /// Whether one of them is in a text.
    pub fn are_in(&self, text: &str) -> bool {
        self.0.iter().any(|form| text.contains(form.as_str()))
    }

    /// A text without them.
    pub fn hidden_in(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, form| match text.contains(form.as_str()) {
            true => text.replace(form.as_str(), "…"),
            false => text,
        })
    }
}

/// From an answer or a file, without a copy that would stay in memory.
impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::new)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Who has a trait that prints has two of these, and `holds` is none that the compiler could choose.
    trait Not<A> {
        fn holds() {}
    }

    struct Displayed;
    struct Serialized;

    impl<T> Not<()> for T {}
    impl<T: fmt::Display> Not<Displayed> for T {}
    impl<T: Serialize> Not<Serialized> for T {}

    #[test]
    fn a_secret_cannot_be_printed() {
        <Secret as Not<_>>::holds();
        #[derive(Debug)]
        struct Holder {
            _nested: Option<Vec<Secret>>,
        }
        let holder = Holder { _nested: Some(vec![Secret::new("correct-horse")]) };
        assert_eq!(format!("{holder:?} {:?}", Secret::new("x")), "Holder { _nested: Some([Secret(…)]) } Secret(…)");
        let refused = "x".parse::<u8>().map_err(|_| Secret::new("correct-horse"));
        let panic = std::panic::catch_unwind(|| refused.expect("it panics"));
        let told = panic.expect_err("it did").downcast::<String>().expect("a message");
        assert_eq!(*told, "it panics: Secret(…)");
    }

    #[test]
    fn a_secret_is_hidden_in_what_others_say_and_short_ones_are_not() {
        let hidden = |text: &str, secrets: &[&str]| {
            let secrets: Vec<Secret> = secrets.iter().copied().map(Secret::new).collect();
            Secret::hidden_in(text, &secrets)
        };
        assert_eq!(hidden("`hunter2` is not hunter22", &["hunter2", "hunter22"]), "`…` is not …");
        assert_eq!(hidden("authorization_pending", &["", "a", "ion"]), "authorization_pending");
        assert_eq!(hidden("nothing of it", &["correct-horse"]), "nothing of it");
    }

    #[test]
    fn a_secret_is_hidden_in_each_form_in_which_somebody_may_repeat_it() {
        let secret = Secret::new("pl\"ain\\sé cret/<1>~*");
        let of_address = "pl%22ain%5Cs%C3%A9%20cret%2F%3C1%3E~%2A";
        let of_form = "pl%22ain%5Cs%C3%A9+cret%2F%3C1%3E%7E*";
        for form in [
            secret.expose(),
            // JSON: as it must be, as PHP, Go and Python write it, and in a string of JSON again.
            r#"pl\"ain\\sé cret/<1>~*"#,
            r#"pl\"ain\\sé cret\/<1>~*"#,
            r#"pl\"ain\\sé cret/\u003c1\u003e~*"#,
            r#"pl\"ain\\s\u00e9 cret/<1>~*"#,
            r#"pl\"ain\\s\u00E9 cret\/<1>~*"#,
            r#"pl\"ain\\sé cret/\u003C1\u003E~*"#,
            r#"pl\\\"ain\\\\s\\u00E9 cret/<1>~*"#,
            r#"pl\\\"ain\\\\sé cret/<1>~*"#,
            of_address,
            of_form,
            &of_address.replace("%C3%A9", "%c3%a9").replace("%5C", "%5c").replace("%2F%3C1%3E~%2A", "%2f%3c1%3e~%2a"),
            "cGwiYWluXHPDqSBjcmV0LzwxPn4q",
            "706C2261696E5C73C3A920637265742F3C313E7E2A",
            "706c2261696e5c73c3a920637265742f3c313e7e2a",
        ] {
            assert_eq!(
                Secret::hidden_in(&format!("{{\"echo\": \"{form}\"}}"), [&secret]),
                "{\"echo\": \"…\"}",
                "{form}"
            );
        }
        // With nothing left as it is, and in letters of another size.
        let secret = Secret::new("d4Fé");
        for form in [
            "%64%34%46%c3%a9",
            "%64%34%46%C3%A9",
            r"\u0064\u0034\u0046\u00e9",
            r"\u0064\u0034\u0046\u00E9",
            "D4FÉ",
            "d4fé",
        ] {
            assert_eq!(Secret::hidden_in(&format!("at {form}."), [&secret]), "at ….", "{form}");
        }
        // Of both alphabets, with and without padding.
        let secret = Secret::new("a?>b?>c");
        for form in ["YT8+Yj8+Yw==", "YT8+Yj8+Yw", "YT8-Yj8-Yw==", "YT8-Yj8-Yw"] {
            assert_eq!(Secret::hidden_in(&format!("Basic {form}"), [&secret]), "Basic …", "{form}");
        }
    }

    #[test]
    fn a_secret_is_read_and_what_is_wrong_with_it_is_not_shown_as_one() {
        let read: Secret = serde_json::from_str(r#""correct-horse""#).expect("a text");
        assert_eq!(read.expose(), "correct-horse");
        assert!(serde_json::from_str::<Secret>("{}").is_err());
    }
}
