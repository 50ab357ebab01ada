//! The first steps to a server, whatever it speaks: its name, its port, its certificate.

use std::io::ErrorKind;
use std::net::{SocketAddr, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConnection, Error};

use super::certificate::Described;
use super::https::without_manual;
use super::tls;
use super::trust::{self, Words, out_of_time, whose};
use crate::model::{Secret, Timestamp};
use crate::ports::connection::Tls;
use crate::ports::walk::{Step, StepKind, StepOutcome};

/// A certificate with less time left is told: that is when people renew it.
const SOON: Duration = Duration::from_secs(30 * 86_400);

/// One of short life, such as Vault issues, is told when so little of its life is left.
const LAST_PART: u32 = 3;

/// The clock: which certificates are good depends on it.
type Now = SystemTime;

/// Walks up to where TLS stands. `address` is `HOST:PORT`, and `words` are those of the server's manifest.
pub async fn reach(address: &str, tls: Option<&Tls>, words: Words, timeout: Duration) -> Vec<Step> {
    let mut steps = Vec::new();
    let host = host_of(address);
    let found = match dns(address, host, timeout).await {
        Ok((step, found)) => {
            steps.push(step);
            found
        }
        Err(step) => return vec![step],
    };
    let stream = match tcp(&found, timeout).await {
        Ok((step, stream)) => {
            steps.push(step);
            stream
        }
        Err(step) => {
            steps.push(step);
            return steps;
        }
    };
    let Some(tls) = tls else {
        steps.push(Step::skipped(StepKind::Tls, "no `tls` is declared: whoever sees the network sees everything"));
        return steps;
    };
    let (tls, host) = (tls.clone(), host.to_owned());
    let shaken = tokio::task::spawn_blocking(move || shake_hands(stream, &host, &tls, words, timeout));
    steps.push(shaken.await.unwrap_or_else(|panicked| std::panic::resume_unwind(panicked.into_panic())));
    steps
}

/// Whether every step was taken.
pub fn is_there(steps: &[Step]) -> bool {
    steps.iter().all(|step| step.outcome != StepOutcome::Failed)
}

pub(super) fn host_of(address: &str) -> &str {
    address.rsplit_once(':').map_or(address, |(host, _)| host).trim_matches(['[', ']'])
}

async fn dns(address: &str, host: &str, timeout: Duration) -> Result<(Step, Vec<SocketAddr>), Step> {
    const HINT: &str = "check the host in the manifest, the DNS that this machine asks, and the VPN";
    let failed = |told: String| Err(Step::failed(StepKind::Dns, told, HINT));
    let found: Vec<SocketAddr> = match tokio::time::timeout(timeout, tokio::net::lookup_host(address)).await {
        Ok(Ok(found)) => found.collect(),
        Ok(Err(error)) => return failed(format!("{host} is not known: {error}")),
        Err(_) => return failed(format!("no answer about {host} within {timeout:?}")),
    };
    if found.is_empty() {
        return failed(format!("{host} has no address"));
    }
    let addresses: Vec<String> = found.iter().map(|found| found.ip().to_string()).collect();
    let told = format!("{host} is {}", addresses.join(", "));
    Ok((Step::passed(StepKind::Dns, [told]), found))
}

async fn tcp(addresses: &[SocketAddr], timeout: Duration) -> Result<(Step, TcpStream), Step> {
    let mut told = Vec::new();
    let mut is_refused = false;
    for address in addresses {
        match tokio::time::timeout(timeout, tokio::net::TcpStream::connect(address)).await {
            Ok(Ok(stream)) => match stream.into_std() {
                Ok(stream) => {
                    told.push(format!("connected to {address}"));
                    let step = match told.len() {
                        1 => Step::passed(StepKind::Tcp, told),
                        _ => Step { outcome: StepOutcome::Warned, ..Step::passed(StepKind::Tcp, told) },
                    };
                    return Ok((step, stream));
                }
                Err(error) => told.push(format!("{address}: {error}")),
            },
            Ok(Err(error)) => {
                is_refused |= error.kind() == ErrorKind::ConnectionRefused;
                told.push(format!("{address}: {error}"));
            }
            Err(_) => told.push(format!("{address}: no answer within {timeout:?}")),
        }
    }
    let hint = match is_refused {
        true => "nothing listens there: check the port in the manifest, and that the server runs",
        false => "check the routes and firewalls between this machine and the server",
    };
    Err(Step { told, ..Step::failed(StepKind::Tcp, "", hint) })
}

/// What came of a handshake.
pub(super) struct Shaken {
    pub(super) client: ClientConnection,
    /// Whether it was completed.
    pub(super) result: std::io::Result<()>,
    /// The certificates that the server showed, its own first, be they trusted or not; as far as they can be read.
    pub(super) chain: Vec<Described>,
    /// Whether these are all of them.
    pub(super) is_read: bool,
}

/// TLS, with a verifier that trusts no more than that of the real connections and keeps what it was shown.
pub(super) fn shake(
    stream: TcpStream,
    name: &str,
    tls: Option<&Tls>,
    timeout: Duration,
) -> Result<Shaken, (String, &'static str)> {
    let seen = Arc::new(Mutex::new(Vec::<CertificateDer<'static>>::new()));
    let wrap = |inner| {
        let seen = seen.clone();
        trust::overseen(inner, move |chain, _, verdict| {
            let chain = chain.iter().map(|it| it.clone().into_owned()).collect();
            *seen.lock().unwrap_or_else(PoisonError::into_inner) = chain;
            verdict
        })
    };
    let config = tls::config_with(tls, true, Some(&wrap))?;
    let Ok(server) = ServerName::try_from(name.to_owned()) else {
        return Err((format!("`{name}` is no name that a certificate can have"), "check `server_name`"));
    };
    let mut client =
        ClientConnection::new(Arc::new(config), server).map_err(|error| (error.to_string(), "check `tls`"))?;
    let result = complete(&mut client, stream, Instant::now() + timeout);
    let seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
    let chain = Described::chain(&*seen);
    Ok(Shaken { client, result, is_read: chain.len() == seen.len(), chain })
}

fn shake_hands(stream: TcpStream, host: &str, tls: &Tls, words: Words, timeout: Duration) -> Step {
    let failed = |told: String, hint: &str| Step::failed(StepKind::Tls, told, hint);
    let name = tls.server_name.as_deref().unwrap_or(host);
    let Shaken { client, result, chain, is_read } = match shake(stream, name, Some(tls), timeout) {
        Ok(shaken) => shaken,
        Err((told, hint)) => return failed(told, hint),
    };
    let now = SystemTime::now();
    let mut step = match result {
        Ok(()) => passed(&client, &chain, (tls, words), now),
        Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
            let hint = "the server there takes connections and says nothing: it may not speak TLS, or be overloaded";
            failed(format!("no answer to the TLS handshake within {timeout:?}"), hint)
        }
        Err(error) => not_shaken(&error, &chain, (tls, name, words), now),
    };
    if !is_read {
        step.told.push("it showed a certificate that cannot be read here".to_owned());
    }
    step
}

/// Ends by the deadline whatever comes: a server that sends a byte now and then is never late for a single read.
fn complete(client: &mut ClientConnection, mut stream: TcpStream, deadline: Instant) -> std::io::Result<()> {
    stream.set_nonblocking(false)?;
    while client.is_handshaking() || client.wants_write() {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(ErrorKind::TimedOut.into());
        }
        stream.set_read_timeout(Some(left))?;
        stream.set_write_timeout(Some(left))?;
        if client.wants_write() {
            client.write_tls(&mut stream)?;
        } else if client.read_tls(&mut stream)? == 0 {
            return Err(ErrorKind::UnexpectedEof.into());
        } else if let Err(error) = client.process_new_packets() {
            // The server is told why; whether it listens is its own business.
            client.write_tls(&mut stream).ok();
            return Err(std::io::Error::new(ErrorKind::InvalidData, error));
        }
    }
    Ok(())
}

fn passed(client: &ClientConnection, chain: &[Described], (tls, words): (&Tls, Words), now: Now) -> Step {
    let version =
        client.protocol_version().and_then(|version| version.as_str()).unwrap_or("TLS").replace("TLSv1_", "TLS 1.");
    let mut told = vec![version];
    told.extend(chain.iter().map(described));
    let mut step = Step::passed(StepKind::Tls, told);
    for certificate in chain {
        if let Some(left) = less_than(certificate, now) {
            let hint = "have the certificate renewed before it is over";
            step = step.warn(format!("the certificate {} is over in {left}", whose(certificate)), hint);
        }
    }
    let authorities = tls.ca.as_ref().map(|ca| Described::all_in(ca.expose())).unwrap_or_default();
    if let Some(over) = over_authority(chain, &authorities, now).filter(|_| words.are_of_brokers()) {
        let told = format!("the authority {} in `tls.ca` is over since {}", whose(over), Timestamp::from(over.ends));
        let hint = "have the certificates issued by the next authority, and keep that one in `tls.ca`: OpenSSL, by which records are \
                    read and written, trusts none that is over";
        step = step.warn(told, hint);
    }
    match tls.identity.as_ref().map(|identity| Described::first_in(identity.certificate.expose())) {
        Some(Some(own)) => with_own(step, &own, now),
        Some(None) => {
            let hint = "have one issued that is written as RFC 5280 has it, and keep it first in `tls.certificate`";
            step.warn("our certificate cannot be read here".to_owned(), hint)
        }
        None => step,
    }
}

/// The authority that a chain ends at, where its time is over. rustls does not look at that.
fn over_authority<'a>(chain: &[Described], authorities: &'a [Described], now: Now) -> Option<&'a Described> {
    let has_issued = |it: &&Described| chain.iter().any(|shown| shown.issuer == it.subject);
    let (over, good): (Vec<_>, Vec<_>) = authorities.iter().filter(has_issued).partition(|it| it.ends <= now);
    over.into_iter().next().filter(|_| good.is_empty())
}

/// The step with what is to be said of our own certificate, which the server may refuse later.
fn with_own(mut step: Step, own: &Described, now: Now) -> Step {
    if let Some((how, hint)) = out_of_time(own, now) {
        return Step::failed(StepKind::Tls, format!("our certificate {how}"), hint);
    }
    step.told.push(format!("our certificate is {}", described(own)));
    match less_than(own, now) {
        Some(left) => {
            let told = format!("our certificate is over in {left}");
            step.warn(told, "have our certificate renewed before it is over")
        }
        None => step,
    }
}

fn not_shaken(error: &std::io::Error, chain: &[Described], (tls, name, words): (&Tls, &str, Words), now: Now) -> Step {
    let why = error.get_ref().and_then(|inner| inner.downcast_ref::<Error>());
    let ca = tls.ca.as_ref().map(Secret::expose);
    let known = match why {
        Some(Error::InvalidCertificate(wrong)) => trust::reason(wrong, chain, (name, ca), now),
        _ => None,
    };
    let (told, hint) = match (known, why) {
        (Some(known), _) => (known.told, words.hint(known.wrong)),
        (None, Some(why)) => {
            let (_, told, hint) = words.told(why);
            (told, hint)
        }
        (None, None) => {
            (format!("the server hung up: {}", without_manual(&error.to_string())), words.hint_of_silence())
        }
    };
    let mut step = Step::failed(StepKind::Tls, told, hint);
    step.told.extend(chain.iter().map(|certificate| format!("it showed {}", described(certificate))));
    step
}

fn described(certificate: &Described) -> String {
    let names = match certificate.names.as_slice() {
        [] => String::new(),
        names => format!(" for {}", names.join(", ")),
    };
    let Described { subject, issuer, ends, .. } = certificate;
    let subject = if subject.is_empty() { "one without a subject" } else { subject };
    format!("{subject}{names}, from {issuer}, until {}", Timestamp::from(*ends))
}

/// How long a certificate is good that is over soon.
fn less_than(certificate: &Described, now: Now) -> Option<String> {
    let life = certificate.ends.duration_since(certificate.starts).unwrap_or_default();
    let soon = SOON.min(life / LAST_PART);
    let left = certificate.ends.duration_since(now).ok().filter(|left| !left.is_zero() && *left < soon)?;
    Some(match left.as_secs() / 86_400 {
        0 => format!("{} h", left.as_secs() / 3600),
        days => format!("{days} d"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is told of a certificate of so many days when so many are left.
    fn told(days: u32, left: u32) -> Option<String> {
        let (day, now) = (Duration::from_secs(86_400), SystemTime::now());
        let ends = now + day * left + Duration::from_secs(60);
        let (subject, issuer, names) = ("CN=a".to_owned(), "CN=b".to_owned(), Vec::new());
        less_than(&Described { subject, issuer, names, starts: ends - day * days, ends }, now)
    }

    #[test]
    fn an_authority_that_is_over_is_told_where_none_has_taken_its_place() {
        let now = SystemTime::now();
        let of = |subject: &str, issuer: &str, ends| {
            let (subject, issuer) = (subject.to_owned(), issuer.to_owned());
            Described { subject, issuer, names: Vec::new(), starts: SystemTime::UNIX_EPOCH, ends }
        };
        let (later, before) = (now + Duration::from_secs(60), now - Duration::from_secs(60));
        let chain = [of("CN=web", "CN=ours", later)];
        let (over, good) = (of("CN=ours", "CN=ours", before), of("CN=ours", "CN=ours", later));
        let other = of("CN=other", "CN=other", before);
        assert_eq!(over_authority(&chain, &[other.clone(), over.clone()], now), Some(&over));
        assert_eq!(over_authority(&chain, &[over, good], now), None);
        assert_eq!(over_authority(&chain, &[other], now), None);
    }

    #[test]
    fn our_own_certificate_is_good_now_or_no_step() {
        let (day, now) = (Duration::from_secs(86_400), SystemTime::now());
        let of = |starts: SystemTime, ends: SystemTime| {
            let (subject, issuer, names) = ("CN=a".to_owned(), "CN=b".to_owned(), Vec::new());
            let own = Described { subject, issuer, names, starts, ends };
            let step = with_own(Step::passed(StepKind::Tls, ["TLS 1.3".to_owned()]), &own, now);
            (step.outcome, step.told.join("; "))
        };
        assert_eq!(of(now - day, now + day * 400).0, StepOutcome::Passed);
        for (starts, ends, told) in
            [(now + day, now + day * 400, "begins at"), (now - day * 2, now - day, "is over since")]
        {
            let (outcome, said) = of(starts, ends);
            assert_eq!(outcome, StepOutcome::Failed);
            assert!(said.contains(told), "{said}");
        }
    }

    #[test]
    fn a_certificate_is_over_soon_by_what_is_left_of_its_life() {
        assert_eq!(told(365, 29), Some("29 d".to_owned()));
        assert_eq!(told(365, 31), None);
        assert_eq!(told(90, 29), Some("29 d".to_owned()));
        assert_eq!(told(30, 29), None);
        assert_eq!(told(1, 0), Some("0 h".to_owned()));
        // One that Vault has just issued for this run.
        assert_eq!(told(3, 2), None);
    }
}
