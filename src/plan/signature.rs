//! Signatures of saved plans: Ed25519 (RFC 8032) over the bytes of the file, so that `openssl pkeyutl -verify -rawin`
//! verifies them too.

use ring::signature::{ED25519, Ed25519KeyPair, UnparsedPublicKey};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{PrivatePkcs8KeyDer, SubjectPublicKeyInfoDer};

use crate::model::Secret;

/// What stands before the 32 bytes of an Ed25519 key in a SubjectPublicKeyInfo (RFC 8410).
const PUBLIC_KEY_HEAD: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

/// Why a plan could not be signed, or its signature not be verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// The private key cannot be used.
    #[error("the key is no Ed25519 private key in PEM (PKCS#8)")]
    PrivateKey,
    /// The public key cannot be used.
    #[error("the key is no Ed25519 public key in PEM")]
    PublicKey,
    /// The file that should hold the signature holds something else.
    #[error("the signature is not 64 bytes long")]
    Signature,
    /// The file was signed with another key, or changed since.
    #[error("the signature does not belong to this file and this key")]
    Mismatch,
}

/// Signs bytes with a private key in PEM.
pub fn sign(private_key: &Secret, bytes: &[u8]) -> Result<Vec<u8>, SignatureError> {
    let der = PrivatePkcs8KeyDer::from_pem_slice(private_key.expose().as_bytes());
    let der = der.map_err(|_| SignatureError::PrivateKey)?;
    // OpenSSL writes the first version of PKCS#8, which leaves the public key out.
    let key = Ed25519KeyPair::from_pkcs8_maybe_unchecked(der.secret_pkcs8_der());
    let key = key.map_err(|_| SignatureError::PrivateKey)?;
    Ok(key.sign(bytes).as_ref().to_vec())
}

/// Verifies the signature of bytes with a public key in PEM.
pub fn verify(public_key: &str, bytes: &[u8], signature: &[u8]) -> Result<(), SignatureError> {
    let der = SubjectPublicKeyInfoDer::from_pem_slice(public_key.as_bytes()).map_err(|_| SignatureError::PublicKey)?;
    let key = der.as_ref().strip_prefix(&PUBLIC_KEY_HEAD).filter(|key| key.len() == 32);
    let key = UnparsedPublicKey::new(&ED25519, key.ok_or(SignatureError::PublicKey)?);
    if signature.len() != 64 {
        return Err(SignatureError::Signature);
    }
    key.verify(bytes, signature).map_err(|_| SignatureError::Mismatch)
}

#[cfg(test)]
mod tests {
    use super::*;

    // Made with `openssl genpkey -algorithm ed25519`, for this test alone.
    const PRIVATE: &str = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEILS4VL9Tia0IUvrb6knD5dzOZ7RAIEvO5jhGwfYqRVBE\n-----END PRIVATE KEY-----\n";
    const PUBLIC: &str = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAzGjLdoyV1S5JfDYcvBdY56pvphdnSmzFaM5rSfU4jsQ=\n-----END PUBLIC KEY-----\n";

    #[test]
    fn a_signature_belongs_to_one_file_and_one_key() {
        let signature = sign(&Secret::new(PRIVATE), b"a plan").expect("signature");
        assert_eq!(verify(PUBLIC, b"a plan", &signature), Ok(()));
        assert_eq!(verify(PUBLIC, b"another plan", &signature), Err(SignatureError::Mismatch));
        assert_eq!(verify(PUBLIC, b"a plan", &signature[1..]), Err(SignatureError::Signature));
        assert_eq!(verify(PRIVATE, b"a plan", &signature), Err(SignatureError::PublicKey));
        assert_eq!(sign(&Secret::new(PUBLIC), b"a plan"), Err(SignatureError::PrivateKey));
    }
}
