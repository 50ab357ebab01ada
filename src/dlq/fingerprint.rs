mod frames;
mod message;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest, Sha256};

use super::Told;
pub(super) use frames::root_class;
pub(super) use message::without_particulars;

/// What separates the parts of a shape: no class, topic or message has it.
const BETWEEN: char = '\u{1f}';

/// The longest shape, in bytes. What differs only behind that belongs together.
const LONGEST: usize = 2_048;

/// What dead letters that failed for the same reason have in common: convention, origin topic, component, stage, the
/// classes of the exception and of its root cause, its message without what is of one record alone, and the innermost
/// places in the code.
///
/// It is filled again and again: a queue may have millions of records.
#[derive(Debug, Default)]
pub struct Shape {
    text: String,
    places: frames::Places,
}

impl Shape {
    /// The shape of what a record tells. `topic` is its origin where it tells none.
    pub fn fill(&mut self, told: &Told<'_>, topic: &str) -> &str {
        self.text.clear();
        self.part(told.convention.map_or("", |convention| convention.as_str()));
        self.part(told.origin.topic.as_deref().unwrap_or(topic));
        self.part(told.component.as_deref().unwrap_or_default());
        self.part(told.stage.as_deref().unwrap_or_default());
        self.part(told.class.as_deref().unwrap_or_default());
        let trace = told.stacktrace.as_deref().unwrap_or_default();
        let root = frames::root(trace);
        self.part(root.and_then(frames::class).or(told.cause.as_deref()).unwrap_or_default());
        without_particulars(told.message.as_deref().unwrap_or_default(), &mut self.text);
        self.text.push(BETWEEN);
        self.places.put(root.unwrap_or(trace), &mut self.text);
        if self.text.len() > LONGEST {
            self.text.truncate(self.text.floor_char_boundary(LONGEST));
        }
        &self.text
    }

    fn part(&mut self, text: &str) {
        self.text.push_str(text);
        self.text.push(BETWEEN);
    }
}

/// The short name of a [`Shape`]: what people copy from a list into the next command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint([u8; 6]);

impl Fingerprint {
    /// The fingerprint of a shape.
    pub fn of(shape: &str) -> Self {
        let digest = Sha256::digest(shape.as_bytes());
        Self(std::array::from_fn(|at| digest[at]))
    }
}

/// A text that is no fingerprint.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no fingerprint: it has twelve hexadecimal digits, as `busctl dlq triage` shows them")]
pub struct FingerprintError(String);

impl FromStr for Fingerprint {
    type Err = FingerprintError;
    fn from_str(text: &str) -> Result<Self, FingerprintError> {
        let error = || FingerprintError(text.to_owned());
        if text.len() != 12 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(error());
        }
        let mut bytes = [0; 6];
        for (at, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&text[2 * at..2 * at + 2], 16).map_err(|_| error())?;
        }
        Ok(Self(bytes))
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits: String = self.0.iter().map(|byte| format!("{byte:02x}")).collect();
        f.pad(&digits)
    }
}

impl Serialize for Fingerprint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Fingerprint {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dlq::{Convention, Place};

    fn told(message: &str, line: u32) -> Told<'static> {
        let trace = format!(
            "org.springframework.kafka.listener.ListenerExecutionFailedException: failed\n\
             \tat org.springframework.kafka.listener.Adapter.invoke(Adapter.java:100)\n\
             Caused by: java.lang.IllegalStateException: {message}\n\
             \tat com.acme.Orders.check(Orders.java:{line})\n\t... 12 more"
        );
        Told {
            convention: Some(Convention::SpringKafka),
            origin: Place { topic: Some("orders".into()), ..Place::default() },
            class: Some("org.springframework.kafka.listener.ListenerExecutionFailedException".into()),
            message: Some(message.to_owned().into()),
            stacktrace: Some(trace.into()),
            ..Told::default()
        }
    }

    fn print(told: &Told<'_>) -> Fingerprint {
        Fingerprint::of(Shape::default().fill(told, "orders"))
    }

    #[test]
    fn what_is_of_one_record_alone_makes_no_difference() {
        let first = told("order 17 of 'Ann' has no price (id 3f0c1f9e-2f57-4a0e-9d7e-0c1d2e3f4a5b)", 40);
        let second = told("order 18 of 'Bob' has no price (id 00000000-2f57-4a0e-9d7e-0c1d2e3f4a5b)", 41);
        assert_eq!(print(&first), print(&second));
        assert_ne!(print(&first), print(&told("order 17 has no address", 40)));
    }

    #[test]
    fn the_origin_is_the_declared_one_where_the_record_tells_none() {
        let untold = Told { origin: Place::default(), ..told("x", 1) };
        assert_eq!(print(&untold), print(&told("x", 1)));
        assert_ne!(print(&untold), Fingerprint::of(Shape::default().fill(&untold, "payments")));
    }

    #[test]
    fn a_shape_is_bounded() {
        let endless = Told { message: Some("é ".repeat(10_000).into()), ..Told::default() };
        assert!(Shape::default().fill(&endless, "t").len() <= LONGEST);
    }

    #[test]
    fn a_fingerprint_is_read_as_it_is_shown() {
        let print = Fingerprint::of("x");
        assert_eq!(print.to_string().parse(), Ok(print));
        for text in ["", "12", "zzzzzzzzzzzz", "ééééíí"] {
            assert_eq!(text.parse::<Fingerprint>(), Err(FingerprintError(text.to_owned())));
        }
    }
}
