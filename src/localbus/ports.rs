//! Free ports on the loopback interface.

use std::collections::BTreeSet;
use std::net::{Ipv4Addr, TcpListener};
use std::sync::{Mutex, PoisonError};

use super::error::{LocalBusError, Result};

/// The ports that this program gave away: a server that is still starting has not bound its own, and the system would give
/// it to the next one too.
static GIVEN: Mutex<BTreeSet<u16>> = Mutex::new(BTreeSet::new());

/// As many ports as `preferred` has places: each preferred one that is still free, any other free one in place of the
/// rest. All differ.
///
/// # Errors
///
/// [`LocalBusError::NoPort`] where the system gives none.
pub fn choose<const N: usize>(preferred: [Option<u16>; N]) -> Result<[u16; N]> {
    // Held until all are chosen, so that no port comes twice.
    let mut held: Vec<TcpListener> = Vec::with_capacity(N);
    let mut ports = [0; N];
    let mut take = |place: usize, port: u16| -> std::io::Result<u16> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
        ports[place] = listener.local_addr()?.port();
        held.push(listener);
        Ok(ports[place])
    };
    // The preferred ones first: a port that the system picks must not be one that comes later in the list.
    let missing: Vec<usize> =
        (0..N).filter(|&place| preferred[place].is_none_or(|port| take(place, port).is_err())).collect();
    let mut given = GIVEN.lock().unwrap_or_else(PoisonError::into_inner);
    for place in missing {
        // What was refused is held until the end, so that it does not come again.
        let mut port = 0;
        while port == 0 || given.contains(&port) {
            port = take(place, 0).map_err(|source| LocalBusError::NoPort { source })?;
        }
    }
    given.extend(ports);
    Ok(ports)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_that_its_server_has_not_bound_yet_is_not_given_again() {
        let mut all = std::collections::BTreeSet::new();
        for _ in 0..200 {
            let [first, second] = choose([None, None]).unwrap();
            assert!(all.insert(first) && all.insert(second), "{first} or {second} came twice");
        }
    }

    #[test]
    fn keeps_a_preferred_port_while_it_is_free() {
        let [first, second] = choose([None, None]).unwrap();
        assert_ne!(first, second);
        assert_eq!(choose([Some(first), Some(second)]).unwrap(), [first, second]);
        let _taken = TcpListener::bind((Ipv4Addr::LOCALHOST, first)).unwrap();
        let [other, same] = choose([Some(first), Some(second)]).unwrap();
        assert_ne!(other, first);
        assert_eq!(same, second);
    }
}
