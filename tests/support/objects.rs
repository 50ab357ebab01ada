//! A real object store that speaks S3, in front of a folder.

use std::fs::{self, File};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use busctl::localbus::{Watchdog, ports};

use super::go::GoProgram;
use super::secrets;
use super::workspace::{Run, Scratch, start};

/// The name of its bucket.
pub const BUCKET: &str = "dead-letters";

const GATEWAY: GoProgram = GoProgram {
    title: "the S3 gateway of Versity",
    name: "versitygw",
    version: "1.8.0",
    package: "github.com/versity/versitygw/cmd/versitygw",
    tags: "",
    module: [include_str!("objects/go.mod"), include_str!("objects/go.sum"), include_str!("objects/tools.go")],
    takes: "three minutes",
};

/// A running store. Dropping it ends it and deletes what it has.
pub struct Objects {
    port: u16,
    secret: String,
    directory: PathBuf,
    _watchdog: Watchdog,
}

impl Objects {
    /// Starts one; none, and a loud line, on a machine that can neither find nor build it. In CI that is a failure.
    pub async fn start() -> Option<Self> {
        let program = GATEWAY.find()?;
        // The watchdog deletes it together with the server.
        let directory = tempfile::tempdir().unwrap().keep().canonicalize().unwrap();
        let watchdog = Watchdog::over(&directory).unwrap();
        let [port] = ports::choose([None; 1]).unwrap();
        let secret = uuid::Uuid::now_v7().to_string();
        secrets::keep(&secret, "the key of the object store");
        for folder in [&format!("buckets/{BUCKET}"), "beside", "home"] {
            fs::create_dir_all(directory.join(folder)).unwrap();
        }
        let log = File::create(directory.join("gateway.log")).unwrap();
        let mut command = Command::new(program);
        command.args(["--port", &format!("127.0.0.1:{port}"), "--quiet", "posix", "--sidecar"]);
        command.args([directory.join("beside"), directory.join("buckets")]);
        // The watchdog ends what runs below the directory.
        let home = directory.join("home");
        command.env_clear().env("HOME", &home).env("PATH", "/usr/bin:/bin").current_dir(&home);
        command.env("ROOT_ACCESS_KEY_ID", "busctl").env("ROOT_SECRET_ACCESS_KEY", &secret);
        command.stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log);
        let mut child = command.spawn().unwrap();
        watchdog.watch(child.id());
        // Somebody has to take its exit code.
        thread::spawn(move || child.wait());
        let until = Instant::now() + Duration::from_secs(60);
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            let log = || fs::read_to_string(directory.join("gateway.log")).unwrap();
            assert!(Instant::now() < until, "the object store does not come up: {}", log());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Some(Self { port, secret, directory, _watchdog: watchdog })
    }

    /// Runs the program with this store in its environment.
    pub fn run(&self, scratch: &Scratch, arguments: &[&str]) -> Run {
        self.run_with(scratch, &self.secret, arguments)
    }

    /// The same with another key.
    pub fn run_with(&self, scratch: &Scratch, secret: &str, arguments: &[&str]) -> Run {
        let mut command = scratch.command(arguments);
        command.env("AWS_ENDPOINT_URL", format!("http://127.0.0.1:{}", self.port)).env("AWS_ALLOW_HTTP", "true");
        command.env("AWS_REGION", "us-east-1");
        command.env("AWS_ACCESS_KEY_ID", "busctl").env("AWS_SECRET_ACCESS_KEY", secret);
        start(command).wait()
    }

    /// What an object holds; none where it is not there.
    pub fn text(&self, key: &str) -> Option<String> {
        fs::read_to_string(self.directory.join("buckets").join(BUCKET).join(key)).ok()
    }
}
