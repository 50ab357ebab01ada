use crate::model::{Address, Kind};
use crate::source::{percent_decode, percent_encode};

/// Bytes of names that stand as themselves in an address: those of distinguished names.
const PLAIN: &[u8] = b"=,:@+";

/// `scram-user/NAME`.
pub fn address_of(user: &str) -> Address {
    let mut name = String::new();
    percent_encode(user.as_bytes(), PLAIN, &mut name);
    Address { kind: Kind::ScramUser, name }
}

/// The user that an address means, given what stands behind its kind.
pub fn user_of_address(name: &str) -> Option<String> {
    String::from_utf8(percent_decode(name)?).ok()
}

/// Whether anybody can log in by this name: Kafka reads names of SCRAM that are of ASCII alone (`ScramMessages`), whatever a
/// controller takes.
pub fn can_log_in(user: &str) -> bool {
    !user.is_empty() && user.is_ascii() && !user.contains('\0')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_address_says_who_it_is() {
        assert_eq!(address_of("normalizer").to_string(), "scram-user/normalizer");
        assert_eq!(address_of("a/b ü*").to_string(), "scram-user/a%2Fb%20%C3%BC%2A");
    }

    proptest! {
        #[test]
        fn no_two_users_have_one_address(user: String) {
            prop_assert_eq!(user_of_address(&address_of(&user).name), Some(user));
        }
    }
}
