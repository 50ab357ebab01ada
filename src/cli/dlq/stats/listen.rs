use std::net::{IpAddr, Ipv4Addr, SocketAddr, ToSocketAddrs};

/// Reads an address to listen at: `9400` and `:9400` are a port of this machine alone; `0.0.0.0:9400` lets others in.
pub fn address(text: &str) -> Result<SocketAddr, String> {
    if let Ok(port) = text.strip_prefix(':').unwrap_or(text).parse::<u16>() {
        return Ok(SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port));
    }
    let told = || "write a port such as 9400, which this machine alone can reach, or HOST:PORT such as 0.0.0.0:9400";
    let mut found = text.to_socket_addrs().map_err(|error| format!("{error}; {}", told()))?;
    found.next().ok_or_else(|| told().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_is_one_of_this_machine_alone() {
        for (text, expected) in [
            ("9400", "127.0.0.1:9400"),
            (":9400", "127.0.0.1:9400"),
            ("0.0.0.0:1", "0.0.0.0:1"),
            ("[::]:9400", "[::]:9400"),
        ] {
            assert_eq!(address(text).map(|address| address.to_string()).as_deref(), Ok(expected));
        }
        for text in ["", "70000", "host", "::1"] {
            assert!(address(text).is_err_and(|error| error.contains("write a port such as 9400")), "{text}");
        }
    }
}
