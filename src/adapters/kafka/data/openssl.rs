//! What OpenSSL checks of brokers' certificates beside what librdkafka can be told.
//!
//! OpenSSL keeps what a client of TLS checks under the name `ssl_server`, for the whole process, and every connection takes over
//! what it does not set itself. Here that is replaced, once, before there is any connection
//! ([`X509_VERIFY_PARAM`](https://docs.openssl.org/3.0/man3/X509_VERIFY_PARAM_set_flags/)). All else in this program speaks TLS by
//! rustls.

use std::collections::BTreeSet;
use std::ffi::{CString, c_char, c_int};
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use openssl_sys::X509_VERIFY_PARAM;

static CHECKS: Mutex<Checks> = Mutex::new(Checks { expected: BTreeSet::new(), set_up: None });

/// Names that certificates may have to carry in this run, of all its clusters. To be told before the first client is made.
pub fn expect_server_names(names: impl IntoIterator<Item = String>) {
    CHECKS.lock().unwrap_or_else(PoisonError::into_inner).expected.extend(names);
}

/// Sets OpenSSL up as rustls is: whatever certificate is trusted ends a chain, an authority's own or one that it signed. Where a
/// connection checks no host's name, its server has to have `server_name`.
///
/// Fails with what keeps that name from being checked.
pub(super) fn set_up(server_name: Option<&str>) -> Result<(), String> {
    // Whoever is first to set OpenSSL up decides whether it frees everything when the program ends. It must not: threads that
    // end at the same moment free their part of it once more, and others may still be connected.
    openssl_sys::init();
    CHECKS.lock().unwrap_or_else(PoisonError::into_inner).have(server_name, replaced)
}

/// The names that connections may have to check, and for which of them OpenSSL was set up, once it was.
struct Checks {
    expected: BTreeSet<String>,
    set_up: Option<Option<String>>,
}

impl Checks {
    fn have(
        &mut self,
        server_name: Option<&str>,
        replace: impl FnOnce(Option<&str>) -> Result<(), String>,
    ) -> Result<(), String> {
        if self.set_up.is_none() {
            let name = server_name.map(str::to_owned).or_else(|| self.expected.first().cloned());
            replace(name.as_deref())?;
            self.set_up = Some(name);
        }
        match (server_name, self.set_up.iter().flatten().next()) {
            (None, _) => Ok(()),
            (Some(wanted), Some(checked)) if wanted == checked => Ok(()),
            (Some(wanted), Some(checked)) => {
                Err(format!("this run checks `{checked}` there, and cannot check `{wanted}` beside it"))
            }
            (Some(wanted), None) => Err(format!("this run has begun without a check of `{wanted}`")),
        }
    }
}

unsafe extern "C" {
    fn X509_VERIFY_PARAM_set1_name(param: *mut X509_VERIFY_PARAM, name: *const c_char) -> c_int;
    fn X509_VERIFY_PARAM_set_trust(param: *mut X509_VERIFY_PARAM, trust: c_int) -> c_int;
    fn X509_VERIFY_PARAM_add0_table(param: *mut X509_VERIFY_PARAM) -> c_int;
}

/// What OpenSSL's own `ssl_server` trusts authorities for (`X509_TRUST_SSL_SERVER`).
const TRUST_SSL_SERVER: c_int = 3;

fn replaced(server_name: Option<&str>) -> Result<(), String> {
    let name = server_name.map(CString::new).transpose().map_err(|_| "no certificate has such a name".to_owned())?;
    let ip = server_name.and_then(|name| name.parse::<IpAddr>().ok()).map(|ip| match ip {
        IpAddr::V4(ip) => ip.octets().to_vec(),
        IpAddr::V6(ip) => ip.octets().to_vec(),
    });
    let flags = openssl_sys::X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | openssl_sys::X509_CHECK_FLAG_NEVER_CHECK_SUBJECT;
    // SAFETY: `param` is new and nobody else's until the table takes it over, which then never changes or frees it: this is done
    // once, under a lock, before librdkafka has a thread. All texts outlive the calls, which copy them.
    let is_set = unsafe {
        let param = openssl_sys::X509_VERIFY_PARAM_new();
        if param.is_null() {
            return Err("OpenSSL has no memory".to_owned());
        }
        openssl_sys::X509_VERIFY_PARAM_set_hostflags(param, flags);
        let is_built = X509_VERIFY_PARAM_set1_name(param, c"ssl_server".as_ptr()) == 1
            && openssl_sys::X509_VERIFY_PARAM_set_purpose(param, openssl_sys::X509_PURPOSE_SSL_SERVER) == 1
            && X509_VERIFY_PARAM_set_trust(param, TRUST_SSL_SERVER) == 1
            && openssl_sys::X509_VERIFY_PARAM_set_flags(param, openssl_sys::X509_V_FLAG_PARTIAL_CHAIN) == 1
            && match (&ip, &name) {
                (Some(ip), _) => openssl_sys::X509_VERIFY_PARAM_set1_ip(param, ip.as_ptr(), ip.len()) == 1,
                (None, Some(name)) => openssl_sys::X509_VERIFY_PARAM_set1_host(param, name.as_ptr(), 0) == 1,
                (None, None) => true,
            };
        let is_set = is_built && X509_VERIFY_PARAM_add0_table(param) == 1;
        if !is_set {
            openssl_sys::X509_VERIFY_PARAM_free(param);
        }
        is_set
    };
    is_set.then_some(()).ok_or_else(|| "OpenSSL cannot be set up for it".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_checks_one_name_and_hosts_have_their_own() {
        let mut asked = Vec::new();
        let mut checks = Checks { expected: ["a.example".to_owned()].into(), set_up: None };
        for (server_name, is_checked) in [(None, true), (Some("a.example"), true), (Some("b.example"), false)] {
            let have = checks.have(server_name, |name| {
                asked.push(name.map(str::to_owned));
                Ok(())
            });
            assert_eq!(have.is_ok(), is_checked, "{server_name:?}");
        }
        assert_eq!(asked, [Some("a.example".to_owned())], "it is set up once, before the first connection");
    }

    #[test]
    fn what_could_not_be_set_up_is_checked_by_nobody() {
        let mut checks = Checks { expected: BTreeSet::new(), set_up: None };
        assert!(checks.have(Some("a.example"), |_| Err("no memory".to_owned())).is_err());
        assert!(checks.have(Some("a.example"), |_| Err("no memory".to_owned())).is_err());
        assert!(checks.have(None, |_| Ok(())).is_ok());
        assert!(checks.have(Some("a.example"), |_| Ok(())).is_err(), "connections may have looked already");
    }
}
