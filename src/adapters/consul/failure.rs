//! What went wrong, from HTTP's terms into the core's.

use crate::adapters::https::{self, cause, innermost};
use crate::adapters::sent::Sent;
use crate::adapters::trust::Words;
use crate::ports::{Failure, FailureKind};

/// What is being tried, and where.
#[derive(Clone, Copy)]
pub struct Place<'p> {
    pub tried: &'p str,
    pub server: &'p str,
    /// What the server is sent that nobody may see.
    pub sent: &'p Sent,
}

/// What to look at where something else than Consul answers.
const ADDRESS: &str = "check `address` of `consul`: it is that of Consul's HTTP API";

impl<'p> Place<'p> {
    pub fn failure(self, kind: FailureKind, answer: String, hint: Option<String>) -> Failure {
        let server = format!("Consul {}", self.server);
        Failure { kind, tried: self.tried.to_owned(), server, answer, hint }
    }

    /// The first words of what Consul says, without what it was sent: one that repeats it would have us print it.
    pub fn excerpt(self, text: &str) -> String {
        https::excerpt(&self.sent.hidden_in(text))
    }

    pub fn has_token(self) -> bool {
        !self.sent.is_empty()
    }

    /// What the token lacks, or requests without one.
    pub fn denied(self, answer: String, rights: &str) -> Failure {
        // Whoever may read keys may not list them where `acl.enable_key_list_policy` is on.
        let rights = match answer.contains("key:list") {
            true => rights.replace("\"read\"", "\"list\""),
            false => rights.to_owned(),
        };
        let hint = match self.has_token() {
            true => format!("a policy of the token (`token` of `consul`) must have: {rights}"),
            false => format!("no token is sent: declare `token` of `consul`, one with a policy that has: {rights}"),
        };
        self.failure(FailureKind::Authorization, answer, Some(hint))
    }

    /// An answer that Consul does not give.
    pub fn not_consul(self, what: &str) -> Failure {
        self.failure(FailureKind::Protocol, format!("what came back is not Consul's: {what}"), Some(ADDRESS.into()))
    }

    /// An answer that is no success.
    pub fn refused(self, status: u16, said: &str, rights: &str) -> Failure {
        let with = |what: &str| if said.is_empty() { what.to_owned() } else { format!("{status} {said}") };
        let (kind, hint) = match status {
            300..=399 => {
                let answer = format!("{status}: it points elsewhere, where no token is sent");
                return self.failure(FailureKind::Protocol, answer, Some(ADDRESS.into()));
            }
            401 => (FailureKind::Authentication, "check `token` of `consul`".to_owned()),
            403 if said.contains("ACL not found") => {
                (FailureKind::Authentication, "the token was deleted or has ended: give another one".to_owned())
            }
            403 => return self.denied(with("permission denied"), rights),
            413 => {
                let hint =
                    "values are longer than `txn_max_req_len` and `kv_max_value_size` of Consul allow".to_owned();
                (FailureKind::Refused, hint)
            }
            _ if said.contains("No path to datacenter") => {
                let hint = "check `datacenter` of `consul`: the agent knows none of this name".to_owned();
                (FailureKind::Refused, hint)
            }
            400 if said.to_lowercase().contains("namespace") => {
                let hint = "take `namespace` of `consul` away: this Consul is not the Enterprise one, or has none of this name";
                (FailureKind::Refused, hint.to_owned())
            }
            429 => (FailureKind::Server, "Consul limits requests (`limits`): try again later".to_owned()),
            _ if has_no_leader(said) => return self.no_leader(&format!(" ({status} {said})")),
            500..=599 => (FailureKind::Server, "look into Consul's log, then try again".to_owned()),
            404 => return self.not_consul("404 for a part of its API"),
            _ => (FailureKind::Refused, ADDRESS.to_owned()),
        };
        self.failure(kind, with(&format!("status {status}")), Some(hint))
    }

    /// Servers without a leader neither read nor write.
    pub fn no_leader(self, said: &str) -> Failure {
        let hint = "see `consul operator raft list-peers` and the logs of the servers; once they have elected a leader the next \
                    run goes on";
        self.failure(FailureKind::Server, format!("it has no leader that answers{said}"), Some(hint.into()))
    }

    /// No answer in time.
    pub fn timeout(self, last: Option<Failure>) -> Failure {
        // What was answered until then says more.
        last.unwrap_or_else(|| {
            let hint = "check that Consul is well, or allow more with --timeout";
            self.failure(FailureKind::Timeout, "no answer in time".into(), Some(hint.into()))
        })
    }

    /// A request that got no whole answer.
    pub fn no_answer(self, error: &reqwest::Error) -> Failure {
        if error.is_timeout() {
            return self.timeout(None);
        }
        if let Some(tls) = cause::<rustls::Error>(error) {
            let (kind, told, hint) = Words::CONSUL.told(tls);
            return self.failure(kind, format!("TLS failed: {}", self.excerpt(&told)), Some(hint));
        }
        let hint = "check `address` of `consul`, that Consul runs, and the network between";
        self.failure(FailureKind::Unreachable, self.excerpt(&innermost(error)), Some(hint.into()))
    }
}

/// Whether Consul says that its servers have no leader, or that they have lost one just now and do not know it yet.
pub fn has_no_leader(said: &str) -> bool {
    let said = said.to_lowercase();
    const WORDS: [&str; 8] = [
        "no cluster leader",
        "not the leader",
        "leadership lost",
        "leader not found",
        // A server that is taken for the leader, and cannot be connected to.
        "rpc error getting client",
        "rpc error making call: eof",
        "failed to get conn",
        "lead thread didn't get connection",
    ];
    WORDS.iter().any(|words| said.contains(words))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_that_is_wrong_is_named() {
        let place = Place { tried: "read the keys", server: "https://consul.example.com", sent: &Sent::default() };
        let hint = |status, said| place.refused(status, said, "").hint.unwrap_or_default();
        assert!(hint(500, "No path to datacenter").contains("`datacenter` of `consul`"));
        let community = "Bad request: Invalid query parameter: \"ns\" - Namespaces are a Consul Enterprise feature";
        assert!(hint(400, community).contains("`namespace` of `consul`"));
        assert!(hint(400, "Bad request").contains("`address` of `consul`"));
        let refused =
            |said| place.refused(403, said, "key_prefix \"kafka/\" { policy = \"read\" }").hint.unwrap_or_default();
        let lacks = "Permission denied: token with AccessorID '1' lacks permission 'key:list' on \"kafka/\"";
        assert!(refused(lacks).contains("{ policy = \"list\" }"));
        assert!(refused(&lacks.replace("key:list", "key:read")).contains("{ policy = \"read\" }"));
    }
}
