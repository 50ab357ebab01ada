use std::str::FromStr;

use super::SecretRef;
use super::secret::{SecretRefError, decode_reference};
use crate::source::{Decode, Decoder, Node, Shape};

const SERVICE: &str = "{service}";

/// Where the secrets of services are kept: a reference in which `{service}` stands for the service's name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretRefTemplate(String);

impl FromStr for SecretRefTemplate {
    type Err = SecretRefError;
    fn from_str(text: &str) -> Result<Self, SecretRefError> {
        text.replace(SERVICE, "service").parse::<SecretRef>().map(|_| Self(text.to_owned()))
    }
}
/// How a template is written.
const HELP: &str = "no secret stands in a manifest: write env:NAME, file:PATH or vault:PATH#FIELD, with {service} for the service's name";

impl Decode for SecretRefTemplate {
    fn decode(node: &Node, decoder: &mut Decoder) -> Option<Self> {
        decode_reference(node, decoder, HELP)
    }

    fn shape() -> Shape {
        Shape::parsed::<Self>(HELP, Some(SecretRef::PATTERN))
    }
}

impl SecretRefTemplate {
    /// Where the secret of a service is kept; none where the service's name cannot stand there.
    pub fn of(&self, service: &str) -> Option<SecretRef> {
        self.0.replace(SERVICE, service).parse().ok()
    }

    /// Whether each service has a secret of its own.
    pub fn is_of_each(&self) -> bool {
        self.0.contains(SERVICE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_gives_each_service_its_own_reference() {
        let template: SecretRefTemplate = "vault:secret/bus/{service}#password".parse().unwrap();
        assert!(template.is_of_each());
        let of = |service| template.of(service).map(|reference| reference.to_string());
        assert_eq!(of("normalizer").as_deref(), Some("vault:secret/bus/normalizer#password"));
        assert_eq!(of("../x"), None);
        assert_eq!("hunter2".parse::<SecretRefTemplate>(), Err(SecretRefError::NoScheme));
    }
}
