//! A real issuer of tokens: oidc-provider, which npm brings, in a Node of this machine.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use busctl::localbus::{Host, Watchdog, ports};
use serde_json::json;

use super::certificates::Authority;

/// The package and what it needs, each in its version.
const PACKAGE: [(&str, &str); 2] = [
    ("package.json", include_str!("issuer/package.json")),
    ("package-lock.json", include_str!("issuer/package-lock.json")),
];

const PROGRAM: &str = include_str!("issuer/issuer.mjs");

/// Whom the tokens are for.
pub const RESOURCE: &str = "urn:kafka";

/// The secret of every machine that the issuer knows.
pub const MACHINE_SECRET: &str = "machine-battery-staple";

/// A running issuer. Dropping it kills it.
pub struct Issuer {
    /// Its address.
    pub url: String,
    control: u16,
    settings: String,
    program: PathBuf,
    home: PathBuf,
    node: PathBuf,
    process: Option<Child>,
    watchdog: Watchdog,
    // Dropped last.
    _temporary: tempfile::TempDir,
}

/// What an issuer runs in.
pub struct Tools {
    host: Host,
    node: PathBuf,
    npm: PathBuf,
}

/// `None`, said loudly, where this machine has no Node; with `CI=true` that fails.
pub fn tools() -> Option<Tools> {
    let host = Host::from_environment().unwrap();
    let (Some(node), Some(npm)) = (host.program("node"), host.program("npm")) else {
        skip("a test with an issuer of tokens", "there is no node and npm on the PATH");
        return None;
    };
    Some(Tools { host, node, npm })
}

impl Issuer {
    /// Starts one that knows these machines, with a certificate of the authority.
    pub fn start(tools: Tools, authority: &Authority, machines: &[&str]) -> Self {
        let Tools { host, node, npm } = tools;
        let folder = install(&host, &npm);
        let temporary = tempfile::tempdir().unwrap();
        // It kills what runs below the folder that it has.
        let watched = temporary.path().canonicalize().unwrap().join("issuer");
        let watchdog = Watchdog::over(&watched).unwrap();
        let home = watched.join("home");
        fs::create_dir_all(&home).unwrap();
        let identity = authority.issue("issuer");
        let [port, control] = ports::choose([None; 2]).unwrap();
        let settings = json!({
            "port": port,
            "control": control,
            "certificate": identity.certificate,
            "key": identity.key,
            "signing": temporary.path().join("signing.json"),
            "resource": RESOURCE,
            "secret": MACHINE_SECRET,
            "machines": machines,
        });
        // Node looks for packages from where the program lies.
        let program = folder.join(format!("issuer-{}-{port}.mjs", std::process::id()));
        fs::write(&program, PROGRAM).unwrap();
        let url = format!("https://127.0.0.1:{port}");
        let settings = settings.to_string();
        let mut issuer =
            Self { url, control, settings, program, home, node, process: None, watchdog, _temporary: temporary };
        issuer.start_again();
        issuer
    }

    /// Starts it again at the same address after [`stop`](Self::stop), with its keys and without what it had granted.
    pub fn start_again(&mut self) {
        let mut command = Command::new(&self.node);
        command.arg(&self.program).current_dir(&self.home).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.stderr(Stdio::null()).spawn().unwrap();
        self.watchdog.watch(child.id());
        child.stdin.take().unwrap().write_all(self.settings.as_bytes()).unwrap();
        let mut said = String::new();
        let mut out = child.stdout.take().unwrap();
        let mut buffer = [0; 512];
        while !said.contains("ready") {
            match out.read(&mut buffer).unwrap() {
                0 => panic!("the issuer ended: {said}"),
                read => said.push_str(&String::from_utf8_lossy(&buffer[..read])),
            }
        }
        // A full pipe would hold it up.
        std::thread::spawn(move || std::io::copy(&mut out, &mut std::io::sink()));
        self.process = Some(child);
    }

    /// Kills it.
    pub fn stop(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill().unwrap();
            process.wait().unwrap();
        }
    }

    /// Where its keys are, without TLS.
    pub fn keys(&self) -> String {
        format!("http://127.0.0.1:{}/keys", self.control)
    }

    /// How long tokens are good that are issued from now on.
    pub fn set_lifetime(&self, seconds: u32) {
        self.ask(&format!("/lifetime?seconds={seconds}"), 204);
    }

    /// How far its clock is ahead of ours, in seconds.
    pub fn set_clock(&self, seconds: i64) {
        self.ask(&format!("/clock?seconds={seconds}"), 204);
    }

    /// Logs a person in who was given this code, and agrees.
    pub fn agree(&self, code: &str, person: &str) {
        self.ask(&format!("/agree?code={code}&person={person}"), 204);
    }

    /// Refuses what this code asks for.
    pub fn refuse(&self, code: &str) {
        self.ask(&format!("/refuse?code={code}"), 204);
    }

    /// Whether a server that checks a token would let it pass.
    pub fn is_good(&self, token: &str) -> bool {
        control(self.control, &format!("/check?token={token}")) == 204
    }

    /// The port that answers whether a token is good.
    pub fn control(&self) -> u16 {
        self.control
    }

    fn ask(&self, path: &str, expected: u16) {
        assert_eq!(control(self.control, path), expected, "{path}");
    }
}

impl Drop for Issuer {
    fn drop(&mut self) {
        self.stop();
        fs::remove_file(&self.program).ok();
    }
}

/// Asks the port of a test, and answers the status.
pub fn control(port: u16, path: &str) -> u16 {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or_else(|| panic!("{path}: {answer}"))
}

/// Says what was left out, past whatever captures the output of tests. In CI nothing is left out.
pub fn skip(what: &str, why: &str) {
    assert!(std::env::var("CI").as_deref() != Ok("true"), "{what} cannot be run: {why}");
    let line = format!("\n*** SKIPPED: {what}: {why} ***\n");
    std::io::stderr().write_all(line.as_bytes()).unwrap();
}

/// The folder with the packages, made once and kept in the cache of the user.
fn install(host: &Host, npm: &Path) -> PathBuf {
    let shelf = host.cache_dir.join("oidc-provider");
    fs::create_dir_all(&shelf).unwrap();
    let lock = File::create(shelf.join("lock")).unwrap();
    lock.lock().unwrap();
    let folder = shelf.join(version());
    // One that another version of the lock file made is made anew.
    let is_whole = PACKAGE.iter().all(|(name, text)| fs::read_to_string(folder.join(name)).is_ok_and(|it| it == *text));
    if is_whole && folder.join("whole").exists() {
        return folder;
    }
    fs::remove_dir_all(&folder).ok();
    fs::create_dir_all(&folder).unwrap();
    for (name, text) in PACKAGE {
        fs::write(folder.join(name), text).unwrap();
    }
    let started = Instant::now();
    let mut command = Command::new(npm);
    command.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).current_dir(&folder);
    let done = command.output().unwrap();
    assert!(done.status.success(), "npm ci after {:?}: {done:?}", started.elapsed());
    fs::write(folder.join("whole"), "").unwrap();
    folder
}

fn version() -> &'static str {
    let (_, rest) = PACKAGE[0].1.split_once(r#""oidc-provider": ""#).unwrap();
    rest.split_once('"').unwrap().0
}
