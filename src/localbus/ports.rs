//! Free ports on the loopback interface.

use std::net::{Ipv4Addr, TcpListener};

use super::error::{LocalBusError, Result};

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
    let mut take = |place: usize, port: u16| -> std::io::Result<()> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
        ports[place] = listener.local_addr()?.port();
        held.push(listener);
        Ok(())
    };
    // The preferred ones first: a port that the system picks must not be one that comes later in the list.
    let missing: Vec<usize> =
        (0..N).filter(|&place| preferred[place].is_none_or(|port| take(place, port).is_err())).collect();
    for place in missing {
        take(place, 0).map_err(|source| LocalBusError::NoPort { source })?;
    }
    Ok(ports)
}

#[cfg(test)]
mod tests {
    use super::*;

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
