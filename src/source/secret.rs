//! What in a text looks like a secret. It is found in what people write and in comments, and never shown.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, Input, MatchKind};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use regex::Regex;
use sha2::{Digest, Sha256};

/// A secret in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretText {
    /// Its bytes.
    pub range: Range<usize>,
    /// What it is, with its article: "a private key".
    pub what: &'static str,
}

/// Whether a text may hold one at all. Most do not, and are not looked at more closely.
static HINT: LazyLock<Regex> = LazyLock::new(|| {
    // Of ASCII alone: letters that only Unicode takes for the same would make the search a slow one.
    regex(
        r"-----BEGIN|AKIA|ASIA|eyJ|ghp_|github_pat_|xox[abprs]-|glpat-|hvs\.|sk_live_|sk-ant-|sk-proj-|npm_|SG\.|AGE-SECRET-KEY-1|AIza|hooks\.slack|webhook|/integration/|(?i-u:passw|passphrase|pass[_.-]phrase|pwd|secret|token|api[_.-]?key|access[_.-]?key|private[_.-]?key|user[_.-]?info|account_?key|credential|bearer|authorization|\bbasic[ \t]|[?&]sig=|signature=)|://[^/\s@]*:|@(?:tcp|udp|unix)",
    )
});

/// Secrets that are known by their form, whatever stands around them. The first group is the secret.
static FORMS: LazyLock<Vec<(&str, Regex)>> = LazyLock::new(|| {
    [
        ("a private key", r"(-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----[A-Za-z0-9+/=\s\\#-]*)"),
        ("an access key of AWS", r"\b((?:AKIA|ASIA)[0-9A-Z]{16})\b"),
        // The key that belongs to it, where both stand on one line.
        ("a secret key of AWS", r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b[^\nA-Za-z0-9/+]+(?:and[ \t]+)?([A-Za-z0-9/+]{40})(?:[^A-Za-z0-9/+=]|$)"),
        ("a JSON Web Token", r"\b(eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,})"),
        (
            "an access token",
            r"\b(ghp_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{22,}|xox[abprs]-[A-Za-z0-9-]{10,}|glpat-[A-Za-z0-9_-]{20,}|hvs\.[A-Za-z0-9_-]{20,}|sk_live_[A-Za-z0-9]{16,}|sk-(?:ant|proj)-[A-Za-z0-9_-]{20,}|npm_[A-Za-z0-9]{36}|SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}|AIza[A-Za-z0-9_-]{35})",
        ),
        ("a private key", r"\b(AGE-SECRET-KEY-1[A-Z0-9]{40,})"),
        ("an access key of Azure", r"(?i-u:\baccount_?key)[ \t]*[=:][ \t]*([A-Za-z0-9+/]{40,}={0,2})"),
        (
            BASIC,
            r#"(?i-u:\bauthorization)["']?[ \t]*[:=,][ \t]*["']?(?i-u:basic)[ \t]+([A-Za-z0-9+/_-]{8,}={0,2})"#,
        ),
        (BEARER, r"(?i-u:\bbearer)[ \t]+([A-Za-z0-9._~+/-]{16,}={0,2})"),
        (
            "the address of a webhook, which whoever knows it may use",
            r"(https://(?:hooks\.slack\.com/(?:services|workflows|triggers)|[a-z0-9-]+\.webhook\.office\.com/webhookb2|outlook\.office\.com/webhook|discord(?:app)?\.com/api/webhooks|events\.pagerduty\.com/integration)/[A-Za-z0-9@_/.-]{16,})",
        ),
        (QUERY, r#"[?&](?i-u:(?:(?:access|acl|api|auth|bot|client|id|private|refresh|user|x-amz|x-goog)[_.-]?)?(?:password|passwd|pwd|secret|token|api[_.-]?key|access[_.-]?key|credential|signature)|sig)=([^\s&#"'<>{}$`]+)"#),
        (BASIC, r"(?i-u:\bbasic)[ \t]+([A-Za-z0-9+/_-]{6,}={0,2})"),
        // The data source names of Go's drivers.
        ("a password in an address", r#"[^\s/:@"'<>{}$=]+:([^\s/@"'<>{}$]+)@(?:tcp6?|udp6?|unix)\("#),
        ("a password in a URL", r#"[A-Za-z][A-Za-z0-9+.-]*://[^\s/:@"'<>{}$]*:([^\s/@"'<>{}$]+)@"#),
    ]
    .into_iter()
    .map(|(what, form)| (what, regex(form)))
    .collect()
});

/// What stands behind a word that is one of English too.
const BEARER: &str = "a bearer token";

/// The same, of a name and a password in base64.
const BASIC: &str = "a password of HTTP";

/// What may be a placeholder as well.
const QUERY: &str = "a secret in a URL";

/// Values under a name that says what they are, in YAML, JSON, properties and JAAS.
static NAMED: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r#"(?i)(?P<key>password|passwd|passwrd|pass[_.-]?phrase|pwd|credentials?|basic[_.-]?auth[_.-]?user[_.-]?info|client[_.-]?secret|secret|token|api[_.-]?key|access[_.-]?key|private[_.-]?key)(?:\\*["'])?[ \t]*(?P<is>[:=])[ \t]*(?:\\*"(?P<double>[^"\\\n]*)|'(?P<single>[^'\n]*)|(?P<plain>[^\s"'{}\[\],#&*|>!%@`\\][^\s,}\]"';]*)(?P<rest>[^\n]*))"#,
    )
});

/// The whole of a value in YAML, several words or lines below it: no sentence of a comment.
static LINE: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r#"(?mi)^[ \t]*(?:-[ \t]+)?["']?[a-z0-9_.-]*(?P<key>password|passwd|passwrd|pass[_.-]?phrase|pwd|client[_.-]?secret)["']?:[ \t]+(?:[|>][-+0-9]*[ \t]*\r?\n[ \t]+)?(?P<value>[^\s"'{}\[\],#&*|>!%@`\\<$][^\n]*?)[ \t,]*(?:[ \t]#[^\n]*)?\r?$"#,
    )
});

/// Several words behind an equals sign, as in properties, where the name begins the line, a comment or a value.
static ASSIGNED: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r#"(?mi)(?:^[ \t]*(?:[-#;][ \t]*)*(?:["']?[a-z0-9_.-]+["']?:[ \t]+)?|["'])[a-z0-9_.-]*(?P<key>password|passwd|passwrd|pass[_.-]?phrase|pwd|client[_.-]?secret)[ \t]*=[ \t]*(?P<value>[^\s"'{}\[\],#&*|<>!%@`\\$=~;]+[ \t]+[^\s=#][^\n"',;{}=]*)"#,
    )
});

/// Between tags of XML that say what it is.
static TAGGED: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?i)<(?:[a-z0-9_.:-]*[_.:-])?(?P<key>password|passwd|passwrd|pass[_.-]?phrase|pwd|credentials?|client[_.-]?secret|secret|token|api[_.-]?key|access[_.-]?key|private[_.-]?key)(?:[ \t][^<>\n]*)?>(?P<value>[^<>\n]+)</",
    )
});

fn regex(form: &str) -> Regex {
    Regex::new(form).expect("a fixed expression")
}

/// What looks like a secret, in the order of the text.
pub fn secrets(text: &str) -> Vec<SecretText> {
    if !HINT.is_match(text) {
        return Vec::new();
    }
    let mut found: BTreeMap<usize, SecretText> = BTreeMap::new();
    let mut add = |range: Range<usize>, what| {
        // Those that were found lie apart, so that only the last one before the end can reach into it.
        let before = found.range(..range.end).next_back();
        let is_known = before.is_some_and(|(_, known)| known.range.end > range.start);
        if !is_known && !range.is_empty() {
            found.insert(range.start, SecretText { range, what });
        }
    };
    for (what, form) in FORMS.iter() {
        for captures in form.captures_iter(text) {
            let is_meant = |secret: &regex::Match<'_>| match *what {
                BEARER => is_random(secret.as_str()),
                QUERY => is_secret("password", secret.as_str()),
                BASIC => captures[0].starts_with(['a', 'A']) || is_login(secret.as_str()),
                _ => true,
            };
            if let Some(secret) = captures.get(1).filter(is_meant) {
                let end = secret.start() + secret.as_str().trim_end().len();
                add(secret.start()..end, what);
            }
        }
    }
    for captures in NAMED.captures_iter(text) {
        let quoted = captures.name("double").or_else(|| captures.name("single"));
        let value = quoted.or_else(|| captures.name("plain"));
        let rest = captures.name("rest").map_or("", |rest| rest.as_str()).trim_start();
        // Several words behind a colon are a sentence.
        let ends = rest.is_empty() || rest.starts_with([',', '}', ']', '#', ';', '"', '\'']);
        if let Some(value) = value.filter(|_| ends) {
            let kind = captures["key"].to_ascii_lowercase();
            let is_number = &captures["is"] == "=" && value.as_str().bytes().all(|byte| byte.is_ascii_digit());
            if !is_number && is_secret(&kind, value.as_str()) {
                let what = if is_password(&kind) { "a password" } else { "a secret" };
                add(value.range(), what);
            }
        }
    }
    for captures in TAGGED.captures_iter(text).chain(LINE.captures_iter(text)) {
        if let Some(value) =
            captures.name("value").filter(|value| is_secret(&captures["key"].to_ascii_lowercase(), value.as_str()))
        {
            let what = if is_password(&captures["key"].to_ascii_lowercase()) { "a password" } else { "a secret" };
            add(value.range(), what);
        }
    }
    for captures in ASSIGNED.captures_iter(text) {
        if let Some(value) = captures.name("value") {
            let words = value.as_str().split(" #").next().unwrap_or_default().trim_end();
            if is_passphrase(words) && is_secret(&captures["key"].to_ascii_lowercase(), words) {
                add(value.start()..value.start() + words.len(), "a password");
            }
        }
    }
    found.into_values().collect()
}

/// Whether several words are one themselves, and neither tell what one is nor number the field of a message.
fn is_passphrase(words: &str) -> bool {
    const TELLING: [&str; 22] = [
        "a", "an", "any", "as", "at", "by", "from", "in", "is", "it", "kept", "not", "of", "read", "same", "see",
        "set", "the", "this", "what", "whatever", "your",
    ];
    let mut all = words.split_whitespace();
    let first = all.next().unwrap_or_default().to_ascii_lowercase();
    let is_one = !first.bytes().all(|byte| byte.is_ascii_digit()) && !TELLING.contains(&first.as_str());
    is_one && all.next().is_some() && !words.ends_with(['.', ':', '?'])
}

/// Whether the value of a named field looks like a secret. The name may be a path, of which the last part names the field.
pub fn is_secret_value(name: &str, value: &str) -> bool {
    let is_secret = |name: &str| !secrets(&format!("{name}: {value}")).is_empty();
    is_secret(name) || name.rsplit_once('/').is_some_and(|(_, last)| is_secret(last))
}

/// Whether a setting that a system has is a secret: by the form of its value, or by its name, whatever the value looks like. Who
/// has put it there need not have used a generator. What is a reference or a file by its place is one by its form as well.
pub fn is_secret_setting(name: &str, value: &str) -> bool {
    let mut parts = name.rsplit('/');
    let last = parts.next().unwrap_or_default();
    let is_named_so = match (last, parts.next()) {
        ("reference", Some(_)) => return !value.is_empty() && !is_reference(value),
        ("file", Some(of)) => names_secret(of) && !value.contains('/'),
        (which, Some(of)) if words_of(which).iter().all(|word| says_which(word)) => names_secret(of),
        _ => names_secret(last),
    };
    is_secret_value(name, value) || (is_named_so && !is_nothing(value))
}

/// Whether a word of a name says which of several is meant, and not what it is: a number, an environment, a state.
fn says_which(word: &str) -> bool {
    const WHICH: [&str; 22] = [
        "value",
        "plain",
        "plaintext",
        "text",
        "base64",
        "b64",
        "prod",
        "production",
        "staging",
        "stage",
        "test",
        "dev",
        "development",
        "local",
        "old",
        "new",
        "current",
        "previous",
        "default",
        "primary",
        "secondary",
        "backup",
    ];
    let number = word.strip_prefix('v').unwrap_or(word);
    WHICH.contains(&word) || (!number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Whether a name, of which the last words say what it is, is that of a secret: `DB_PASS`, `api-key`, `accessToken2`,
/// `db.password.production`.
fn names_secret(name: &str) -> bool {
    const ONE: [&str; 16] = [
        "password",
        "passwd",
        "passwrd",
        "passphrase",
        "pass",
        "pwd",
        "pw",
        "secret",
        "secrets",
        "credential",
        "credentials",
        "token",
        "apikey",
        "bearer",
        "authorization",
        "auth",
    ];
    const KEYS: [&str; 7] = ["api", "access", "private", "secret", "account", "encryption", "signing"];
    let mut words = words_of(name);
    while words.last().is_some_and(|word| says_which(word)) {
        words.pop();
    }
    let Some(last) = words.pop() else { return false };
    let before = words.pop().unwrap_or_default();
    match last.trim_end_matches(|c: char| c.is_ascii_digit()) {
        "key" => KEYS.contains(&before.as_str()),
        "phrase" => before == "pass",
        // `ssl.client.auth` and its like say whether there is one.
        "auth" => !name.contains('.'),
        word => ONE.contains(&word) || KEYS.iter().any(|of| word.strip_suffix("key") == Some(of)),
    }
}

/// The words of a name, in small letters: divided by `_`, `.`, `-` and blanks, or by a large letter behind a small one.
fn words_of(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut was_small = false;
    for c in name.chars() {
        let divides = matches!(c, '_' | '.' | '-' | ' ');
        if divides || (was_small && c.is_ascii_uppercase()) {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| !divides) {
            word.push(c.to_ascii_lowercase());
        }
        was_small = c.is_ascii_lowercase() || c.is_ascii_digit();
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Whether what stands in the place of a secret keeps none: nothing, a reference, a variable or stars.
fn is_nothing(value: &str) -> bool {
    is_reference(value)
        || ["${", "{{"].iter().any(|open| value.starts_with(open))
        || ["true", "false", "null", "none"].contains(&value)
        || value.chars().all(|c| matches!(c, '*' | '…'))
}

/// Whether a value refers to where a secret is.
fn is_reference(value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    ["vault:", "env:", "file:"].iter().any(|scheme| lower.strip_prefix(scheme).is_some_and(|rest| !rest.is_empty()))
}

/// A text of one line as it may be shown, such as a path.
pub fn without_secrets(text: String) -> String {
    match secrets(&text) {
        found if found.is_empty() => text,
        found => masked(&text, &found).into_owned(),
    }
}

/// Secrets of fewer bytes are hidden where they are found alone: as a part of words they stand everywhere.
pub const SHORTEST: usize = 4;

/// The text with stars in the place of each byte of a secret, wherever else it stands too; lines and columns stay.
pub fn masked<'t>(text: &'t str, secrets: &[SecretText]) -> Cow<'t, str> {
    if secrets.is_empty() {
        return Cow::Borrowed(text);
    }
    let mut hidden: Vec<Range<usize>> = secrets.iter().map(|secret| secret.range.clone()).collect();
    let mut words: Vec<&str> = secrets.iter().map(|secret| &text[secret.range.clone()]).collect();
    words.sort_unstable();
    words.dedup();
    if let Some(words) = Words::of(words.into_iter()) {
        hidden.extend(words.everywhere(text));
    }
    hidden.sort_unstable_by_key(|range| (range.start, range.end));
    let mut masked = String::with_capacity(text.len());
    let mut done = 0;
    for range in hidden {
        let range = range.start.max(done)..range.end.max(done);
        masked.push_str(&text[done..range.start]);
        let stars =
            text[range.clone()].bytes().map(|byte| if matches!(byte, b'\n' | b'\r') { char::from(byte) } else { '*' });
        masked.extend(stars);
        done = range.end;
    }
    masked.push_str(&text[done..]);
    Cow::Owned(masked)
}

/// What is longer, as a private key or a whole file, is looked for in no other text: it would take long, for nothing.
const LONGEST: usize = 1024;

/// Secrets that are looked for together, however many there are.
pub struct Words(AhoCorasick);

impl Words {
    /// Those that are long enough to be looked for, and not too long; `None` where none is.
    pub fn of<'w>(words: impl Iterator<Item = &'w str>) -> Option<Self> {
        let words: Vec<&str> = words.filter(|word| (SHORTEST..LONGEST).contains(&word.len())).collect();
        let found = AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(&words);
        // More words than the library takes are more than a workspace can hold.
        found.ok().filter(|_| !words.is_empty()).map(Self)
    }

    /// Where in a text one of them is, also where it reaches into another one.
    fn everywhere(&self, text: &str) -> impl Iterator<Item = Range<usize>> {
        let mut at = 0;
        std::iter::from_fn(move || {
            let found = self.0.find(Input::new(text).range(at..))?;
            at = found.start() + 1;
            Some(found.range())
        })
    }

    /// A text with stars in their place; `None` where none is in it.
    pub fn hidden(&self, text: &str) -> Option<String> {
        self.0.is_match(text).then(|| {
            let mut clean = String::with_capacity(text.len());
            self.0.replace_all_with(text, &mut clean, |_, _, clean| {
                clean.push_str("***");
                true
            });
            clean
        })
    }
}

/// What a text that is no secret is known by in `busctl.yaml`, without standing there.
pub fn secret_fingerprint(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

fn is_password(kind: &str) -> bool {
    ["pass", "pwd", "credential", "client", LOGIN].iter().any(|start| kind.starts_with(start))
}

/// How the names begin whose values are a user and a password with a colon between them.
const LOGIN: &str = "basic";

/// Whether a value under such a name is the secret itself: no reference to it, no placeholder, no type.
fn is_secret(kind: &str, value: &str) -> bool {
    const WORDS: [&str; 20] = [
        "true",
        "false",
        "null",
        "none",
        "nil",
        "string",
        "str",
        "text",
        "bytes",
        "password",
        "secret",
        "token",
        "required",
        "optional",
        "redacted",
        "hidden",
        "masked",
        "undefined",
        "basic",
        "bearer",
    ];
    // Of a login the password counts. No colon of a reference or of a placeholder in front stands before one.
    let value = match kind.starts_with(LOGIN) {
        true if is_reference(value) => return false,
        true => {
            let from = if value.starts_with("${") { value.find('}').unwrap_or(value.len()) } else { 0 };
            match value[from..].split_once(':') {
                Some((_, password)) => password,
                None => return false,
            }
        }
        false => value,
    };
    let lower = value.to_ascii_lowercase();
    // `pwd` is also the folder that somebody is in.
    let is_elsewhere = is_reference(value) || (kind == "pwd" && value.starts_with(['/', '.']));
    let is_placeholder = value.contains("${")
        || value.contains("{{")
        || value.starts_with(['<', '$', '%', '~'])
        || value.chars().all(|c| matches!(c, '*' | 'x' | 'X' | '.' | '…' | '-' | '_'));
    if value.len() < 3 || is_elsewhere || is_placeholder || WORDS.contains(&lower.as_str()) {
        return false;
    }
    is_password(kind) || is_random(value)
}

/// Whether a word is a name and a password in base64, as HTTP has them.
fn is_login(word: &str) -> bool {
    let bytes = STANDARD_NO_PAD.decode(word.trim_end_matches('=').replace('-', "+").replace('_', "/"));
    let login = bytes.ok().and_then(|bytes| String::from_utf8(bytes).ok());
    login.is_some_and(|login| login.contains(':') && !login.contains(char::is_control))
}

/// Whether a word looks as if it were made by a machine.
fn is_random(value: &str) -> bool {
    let count = |is: fn(&u8) -> bool| value.bytes().filter(is).count();
    let (digits, upper, lower) =
        (count(u8::is_ascii_digit), count(u8::is_ascii_uppercase), count(u8::is_ascii_lowercase));
    let is_one_word = value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/=_.~-".contains(&byte));
    value.len() >= 16 && is_one_word && (digits >= 3 || (upper >= 3 && lower >= 3)) && entropy(value) >= 3.0
}

/// Shannon's entropy, in bits for each byte.
fn entropy(value: &str) -> f64 {
    let mut counts = [0_u32; 256];
    value.bytes().for_each(|byte| counts[usize::from(byte)] += 1);
    let length = value.len() as f64;
    let share = |count: u32| f64::from(count) / length;
    counts.into_iter().filter(|count| *count > 0).map(share).map(|share| -share * share.log2()).sum()
}

#[cfg(test)]
mod tests;
