use std::fmt;

use super::{Convention, Told};

/// What kind of failure a dead letter is, and so what to do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Something else was not there or too busy: the same record may well pass now.
    Transient,
    /// Key, value or headers were not what the reader expects: the schema, the writer or the record is to be mended.
    Schema,
    /// The service cannot deal with what the record says: the service or the record is to be mended.
    Poison,
    /// Nothing says why it failed.
    Untold,
}

/// What stands in the name of an exception that has to do with the form of a record.
const SCHEMA_CLASSES: &[&str] = &[
    "avrotype",
    "avromissingfield",
    "avroruntime",
    "conversionexception",
    "dataexception",
    "decodeerror",
    "deserializ",
    "invaliddefinition",
    "invalidformat",
    "invalidprotocolbuffer",
    "jsonmapping",
    "jsonparse",
    "jsonprocessing",
    "malformedinput",
    "messageconversion",
    "mismatchedinput",
    "parseexception",
    "schemaexception",
    "schemaparse",
    "serializ",
    "unrecognizedproperty",
    "validationexception",
];

/// What stands in the name of an exception that passes.
const TRANSIENT_CLASSES: &[&str] = &[
    "callnotpermitted",
    "cannotacquirelock",
    "cannotgetjdbcconnection",
    "connectexception",
    "connecttimeout",
    "connectionclosed",
    "connectionerror",
    "connectionexception",
    "connectionrefused",
    "connectionreset",
    "deadlock",
    "disconnect",
    "eofexception",
    "leadernotavailable",
    "lockacquisition",
    "locktimeout",
    "networkexception",
    "noroutetohost",
    "notenoughreplicas",
    "optimisticlock",
    "pessimisticlock",
    "ratelimit",
    "readtimeout",
    "rebalance",
    "requestnotpermitted",
    "resourceaccess",
    "retriable",
    "retryable",
    "serviceunavailable",
    "socketexception",
    "throttl",
    "timeout",
    "timedout",
    "toomanyrequests",
    "transient",
    "unavailable",
    "unknownhost",
];

/// The same in what an exception says.
const TRANSIENT_WORDS: &[&str] = &[
    "broken pipe",
    "connection closed",
    "connection refused",
    "connection reset",
    "deadlock",
    "no route to host",
    "rate limit",
    "service unavailable",
    "temporarily",
    "timed out",
    "timeout",
    "too many requests",
    "try again",
    "unavailable",
];

/// What an exception says of a record's form.
const SCHEMA_WORDS: &[&str] = &[
    "cannot deserialize",
    "deserializ",
    "does not match schema",
    "invalid json",
    "not a json object",
    "schema not found",
    "unexpected character",
    "unexpected token",
    "unknown magic byte",
    "unknown schema",
    "unrecognized field",
];

impl Verdict {
    /// The verdict over what a record tells. The classes say it better than the words, and those further in better than
    /// those that wrap them.
    pub fn of(told: &Told<'_>) -> Self {
        if told.convention == Some(Convention::ContractRules) || told.stage.as_deref().is_some_and(is_conversion) {
            return Self::Schema;
        }
        let trace = told.stacktrace.as_deref().and_then(super::fingerprint::root_class);
        let classes = [trace, told.cause.as_deref(), told.class.as_deref()];
        let by_class = classes.into_iter().flatten().find_map(of_class);
        let by_words = || told.message.as_deref().and_then(of_words);
        by_class.or_else(by_words).unwrap_or(match (&told.class, &told.message) {
            (None, None) => Self::Untold,
            _ => Self::Poison,
        })
    }

    /// The word by which it is shown.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Transient => "transient",
            Self::Schema => "schema",
            Self::Poison => "poison",
            Self::Untold => "untold",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The stages of Connect in which a record's form is all that matters.
fn is_conversion(stage: &str) -> bool {
    matches!(stage, "KEY_CONVERTER" | "VALUE_CONVERTER" | "HEADER_CONVERTER")
}

fn of_class(class: &str) -> Option<Verdict> {
    // The package says whose it is, and not what it is.
    let name = class.rsplit(['.', '$', ':', '/']).next().unwrap_or(class).to_ascii_lowercase();
    let has = |parts: &[&str]| parts.iter().any(|part| name.contains(part));
    // Connect's own exceptions wrap all others.
    if name == "connectexception" && class.starts_with("org.apache.kafka.connect.") {
        return None;
    }
    match (has(TRANSIENT_CLASSES), has(SCHEMA_CLASSES)) {
        (true, _) => Some(Verdict::Transient),
        (false, true) => Some(Verdict::Schema),
        (false, false) => None,
    }
}

fn of_words(message: &str) -> Option<Verdict> {
    let message = message.to_ascii_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| message.contains(word));
    match (has(SCHEMA_WORDS), has(TRANSIENT_WORDS)) {
        (true, _) => Some(Verdict::Schema),
        (false, true) => Some(Verdict::Transient),
        (false, false) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(class: &'static str, message: &'static str) -> Verdict {
        let some = |text: &'static str| Some(text).filter(|text| !text.is_empty()).map(Into::into);
        Verdict::of(&Told { class: some(class), message: some(message), ..Told::default() })
    }

    #[test]
    fn classes_and_words() {
        let cases = [
            ("java.net.SocketTimeoutException", "", Verdict::Transient),
            ("java.net.ConnectException", "", Verdict::Transient),
            ("org.apache.kafka.connect.errors.ConnectException", "Tolerance exceeded", Verdict::Poison),
            ("org.apache.kafka.connect.errors.RetriableException", "", Verdict::Transient),
            ("org.apache.kafka.common.errors.RecordDeserializationException", "", Verdict::Schema),
            ("org.apache.kafka.common.errors.SerializationException", "Unknown magic byte!", Verdict::Schema),
            ("com.fasterxml.jackson.databind.exc.MismatchedInputException", "", Verdict::Schema),
            ("java.lang.NullPointerException", "", Verdict::Poison),
            ("", "dial tcp 10.0.0.1:5432: connection refused", Verdict::Transient),
            ("", "unexpected token < in JSON at position 0", Verdict::Schema),
            ("", "price is negative", Verdict::Poison),
            ("", "", Verdict::Untold),
        ];
        for (class, message, expected) in cases {
            assert_eq!(of(class, message), expected, "{class}: {message}");
        }
    }

    #[test]
    fn the_root_cause_counts_more_than_what_wraps_it() {
        let told = Told {
            class: Some("org.springframework.kafka.listener.ListenerExecutionFailedException".into()),
            stacktrace: Some("x\nCaused by: java.sql.SQLTransientConnectionException: pool is empty\n".into()),
            ..Told::default()
        };
        assert_eq!(Verdict::of(&told), Verdict::Transient);
        let stage = Told { stage: Some("VALUE_CONVERTER".into()), ..told };
        assert_eq!(Verdict::of(&stage), Verdict::Schema);
    }
}
