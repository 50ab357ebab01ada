//! What OpenSSL checks of brokers' certificates beside what librdkafka can be told.
//!
//! A program may hear of each context of TLS that OpenSSL makes
//! ([`SSL_CTX_get_ex_new_index`](https://docs.openssl.org/3.0/man3/CRYPTO_get_ex_new_index/)), and change its checks before it is used.
//! librdkafka makes one for each of its clients, in the thread that makes the client. All else in this program speaks TLS by rustls.

use std::cell::RefCell;
use std::ffi::{CString, c_int, c_long, c_void};
use std::net::IpAddr;
use std::sync::LazyLock;

use rdkafka::error::{KafkaError, KafkaResult};

use openssl_sys::{CRYPTO_EX_DATA, SSL_CTX, X509_VERIFY_PARAM};

thread_local! {
    /// The name that the context has to check that this thread makes, until it does.
    static NAME: RefCell<Option<Name>> = const { RefCell::new(None) };
}

/// What a certificate has to carry.
enum Name {
    Host(CString),
    Address(Vec<u8>),
}

/// Makes a client whose trust is as that of rustls: whatever certificate is trusted ends a chain, an authority's own or one that it
/// signed. Its servers have to carry `server_name`, whatever hosts they are reached at.
///
/// Fails where it cannot be made, or that name not be checked; then nothing is made, or what was made is dropped.
pub(super) fn checking<T>(server_name: Option<&str>, make: impl FnOnce() -> KafkaResult<T>) -> KafkaResult<T> {
    let unchecked = |problem: &str| KafkaError::ClientCreation(format!("`tls.server_name`: {problem}"));
    if !*HEARS {
        return Err(KafkaError::ClientCreation("OpenSSL cannot be set up".to_owned()));
    }
    let name = server_name.map(name_of).transpose().map_err(|problem| unchecked(&problem))?;
    NAME.set(name);
    let made = make();
    // Where nobody has taken it, there is no context that checks it.
    match (NAME.take(), made) {
        (Some(_), Ok(_)) => Err(unchecked("OpenSSL cannot be told to check the name")),
        (_, made) => made,
    }
}

fn name_of(text: &str) -> Result<Name, String> {
    Ok(match text.parse::<IpAddr>() {
        Ok(IpAddr::V4(address)) => Name::Address(address.octets().to_vec()),
        Ok(IpAddr::V6(address)) => Name::Address(address.octets().to_vec()),
        // A dot at its end says that the name is whole; certificates have none.
        Err(_) => Name::Host(
            CString::new(text.strip_suffix('.').unwrap_or(text))
                .map_err(|_| "no certificate has such a name".to_owned())?,
        ),
    })
}

/// Whether contexts of TLS are heard of.
static HEARS: LazyLock<bool> = LazyLock::new(|| {
    // Whoever is first to set OpenSSL up decides whether it frees everything when the program ends. It must not: threads that
    // end at the same moment free their part of it once more, and others may still be connected.
    openssl_sys::init();
    // SAFETY: OpenSSL is set up, and keeps nothing but a function that is there as long as the program.
    let index = unsafe { openssl_sys::SSL_CTX_get_ex_new_index(0, std::ptr::null_mut(), Some(is_made), None, None) };
    index >= 0
});

/// Hears of a context.
unsafe extern "C" fn is_made(
    context: *mut c_void,
    _: *mut c_void,
    _: *mut CRYPTO_EX_DATA,
    _: c_int,
    _: c_long,
    _: *mut c_void,
) {
    // SAFETY: OpenSSL calls it with the context that it makes, which nobody else has yet.
    let param = unsafe { openssl_sys::SSL_CTX_get0_param(context.cast::<SSL_CTX>()) };
    if param.is_null() {
        return;
    }
    // SAFETY: the checks are those of that context.
    unsafe { openssl_sys::X509_VERIFY_PARAM_set_flags(param, openssl_sys::X509_V_FLAG_PARTIAL_CHAIN) };
    NAME.with_borrow_mut(|name| {
        // What cannot be set stays, and is told.
        if name.as_ref().is_some_and(|name| is_set(param, name)) {
            *name = None;
        }
    });
}

fn is_set(param: *mut X509_VERIFY_PARAM, name: &Name) -> bool {
    let flags = openssl_sys::X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | openssl_sys::X509_CHECK_FLAG_NEVER_CHECK_SUBJECT;
    // SAFETY: `param` belongs to a context that is being made, and the name is copied.
    unsafe {
        openssl_sys::X509_VERIFY_PARAM_set_hostflags(param, flags);
        let done = match name {
            Name::Host(host) => openssl_sys::X509_VERIFY_PARAM_set1_host(param, host.as_ptr(), 0),
            Name::Address(octets) => openssl_sys::X509_VERIFY_PARAM_set1_ip(param, octets.as_ptr(), octets.len()),
        };
        done == 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn context() -> KafkaResult<()> {
        // SAFETY: a context of a method that is always there; OpenSSL takes it back.
        unsafe { openssl_sys::SSL_CTX_free(openssl_sys::SSL_CTX_new(openssl_sys::TLS_method())) };
        Ok(())
    }

    #[test]
    fn a_name_is_taken_by_the_next_context_of_the_thread_alone() {
        for name in ["a.example", "a.example.", "10.1.2.3", "::1"] {
            assert_eq!(checking(Some(name), context), Ok(()), "{name}");
        }
        assert_eq!(checking(None, context), Ok(()));
        let elsewhere = || std::thread::spawn(context).join().expect("it ends");
        assert!(checking(Some("a.example"), elsewhere).is_err(), "nobody would check it");
        assert!(checking(Some("a\0b"), context).is_err());
        let refused = KafkaError::ClientCreation("no such setting".to_owned());
        assert_eq!(checking::<()>(Some("a.example"), || Err(refused.clone())), Err(refused), "it has its own reason");
        assert_eq!(checking(None, || Ok(())), Ok(()), "nothing is left of what was asked for before");
    }
}
