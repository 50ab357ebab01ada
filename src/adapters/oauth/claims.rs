//! What a token says of itself (RFC 7519). Nothing is checked: that is the server's, and nothing here is decided by it.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

use crate::model::Secret;

/// The claims of a JSON Web Token.
#[derive(Debug, Clone)]
pub struct Claims(Map<String, Value>);

impl Claims {
    /// Those of a token; none where it is an opaque one.
    pub fn of(token: &Secret) -> Option<Self> {
        let mut parts = token.expose().split('.');
        let (_, payload, _, None) = (parts.next()?, parts.next()?, parts.next()?, parts.next()) else { return None };
        let bytes = URL_SAFE_NO_PAD.decode(payload.trim_end_matches('=')).ok()?;
        match serde_json::from_slice(&bytes) {
            Ok(Value::Object(claims)) => Some(Self(claims)),
            _ => None,
        }
    }

    /// A claim that is a text.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_str()
    }

    /// When the token is over.
    pub fn expires(&self) -> Option<SystemTime> {
        self.time("exp")
    }

    /// From when on it is good.
    pub fn starts(&self) -> Option<SystemTime> {
        self.not_before().or_else(|| self.time("iat"))
    }

    /// Before when no server takes it.
    pub fn not_before(&self) -> Option<SystemTime> {
        self.time("nbf")
    }

    fn time(&self, name: &str) -> Option<SystemTime> {
        let seconds = self.0.get(name)?.as_f64().filter(|seconds| (0.0..1e11).contains(seconds))?;
        UNIX_EPOCH.checked_add(Duration::from_secs(seconds as u64))
    }
}
