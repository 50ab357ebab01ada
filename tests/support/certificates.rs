//! A certificate authority for one test, made with the `openssl` program.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

use busctl::model::Timestamp;

/// An authority that lives in a directory and signs certificates for nodes and clients on 127.0.0.1.
#[derive(Debug)]
pub struct Authority {
    directory: PathBuf,
}

/// A certificate with its key, as PEM files.
#[derive(Debug, Clone)]
pub struct Identity {
    /// The certificate.
    pub certificate: PathBuf,
    /// The private key, PKCS#8.
    pub key: PathBuf,
    /// Both in one file, as Kafka reads a PEM key store.
    pub keystore: PathBuf,
    /// The name as Kafka's principal: `User:CN=<name>`.
    pub principal: String,
}

impl Identity {
    fn join(&self) {
        let both = [fs::read(&self.key).unwrap(), fs::read(&self.certificate).unwrap()].concat();
        fs::write(&self.keystore, both).unwrap();
    }
}

impl Authority {
    /// Makes a new authority in a directory.
    pub fn create(directory: &Path) -> Self {
        fs::create_dir_all(directory).unwrap();
        let authority = Self { directory: directory.to_owned() };
        let subject = ["-subj", "/CN=busctl test authority", "-days", "30"];
        let files = ["-keyout", "ca.key", "-out", "ca.pem"];
        authority.openssl(&[&["req", "-x509"], &EC[..], &subject, &files].concat());
        authority
    }

    /// The certificate that everybody trusts.
    pub fn certificate(&self) -> PathBuf {
        self.directory.join("ca.pem")
    }

    /// A certificate for this common name, good for a server on 127.0.0.1 and for a client.
    pub fn issue(&self, name: &str) -> Identity {
        self.issue_for(name, 30)
    }

    /// One whose time is over.
    pub fn issue_over(&self, name: &str) -> Identity {
        self.issue_between(name, "20200101000000Z", "20210101000000Z")
    }

    /// One whose time has not come.
    pub fn issue_early(&self, name: &str) -> Identity {
        self.issue_between(name, "20400101000000Z", "20410101000000Z")
    }

    /// One of long life that is over in this many days.
    pub fn issue_ending_in(&self, name: &str, days: i64) -> Identity {
        let in_days = |days: i64| {
            let millis = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis() as i64 + days * 86_400_000;
            let digits: String =
                Timestamp::of_unix_millis(millis).to_string().chars().filter(char::is_ascii_digit).collect();
            format!("{}Z", &digits[..14])
        };
        self.issue_between(name, &in_days(days - 365), &in_days(days))
    }

    /// An authority that this one has signed. Whoever shows a certificate of it shows nothing of who signed it.
    pub fn intermediate(&self) -> Self {
        let intermediate = Self { directory: self.directory.join("intermediate") };
        fs::create_dir_all(&intermediate.directory).unwrap();
        let file = |file: &str| intermediate.directory.join(file).to_str().unwrap().to_owned();
        fs::write(file("ca.ext"), "basicConstraints=critical,CA:TRUE\nkeyUsage=keyCertSign\n").unwrap();
        let subject = ["-subj", "/CN=busctl intermediate", "-keyout", "ca.key", "-out", "ca.csr"];
        intermediate.openssl(&[&["req"], &EC[..], &subject].concat());
        let (request, certificate, extensions) = (file("ca.csr"), file("ca.pem"), file("ca.ext"));
        self.openssl(
            &[
                ["x509", "-req", "-in", &request, "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial"].as_slice(),
                &["-days", "30", "-out", &certificate, "-extfile", &extensions],
            ]
            .concat(),
        );
        intermediate
    }

    /// One for a server of this name alone, wherever it is.
    pub fn issue_to_host(&self, host: &str) -> Identity {
        self.issue_with(host, &format!("/CN={host}"), 30, &format!("DNS:{host}"))
    }

    fn issue_between(&self, name: &str, start: &str, end: &str) -> Identity {
        let identity = self.issue(name);
        let file = |file: &str, text: &str| fs::write(self.directory.join(file), text).unwrap();
        let one = "database = over.index\nrand_serial = yes\nnew_certs_dir = .\ndefault_md = sha256\npolicy = any";
        file("over.cnf", &format!("[ca]\ndefault_ca = one\n[one]\n{one}\n[any]\ncommonName = supplied\n"));
        file("over.index", "");
        let (request, certificate, extensions) = (format!("{name}.csr"), format!("{name}.pem"), format!("{name}.ext"));
        self.openssl(&[
            "ca",
            "-batch",
            "-notext",
            "-config",
            "over.cnf",
            "-cert",
            "ca.pem",
            "-keyfile",
            "ca.key",
            "-in",
            &request,
            "-out",
            &certificate,
            "-extfile",
            &extensions,
            "-startdate",
            start,
            "-enddate",
            end,
        ]);
        identity.join();
        identity
    }

    /// One for this many days.
    pub fn issue_for(&self, name: &str, days: u32) -> Identity {
        self.issue_as(name, &format!("/CN={name}"), days)
    }

    /// One for this subject, `/O=…/CN=…`; the files have the name.
    pub fn issue_with_subject(&self, name: &str, subject: &str) -> Identity {
        self.issue_as(name, subject, 30)
    }

    fn issue_as(&self, name: &str, subject: &str, days: u32) -> Identity {
        self.issue_with(name, subject, days, "IP:127.0.0.1,DNS:localhost")
    }

    fn issue_with(&self, name: &str, subject: &str, days: u32, names: &str) -> Identity {
        let days = days.to_string();
        let file = |extension: &str| self.directory.join(format!("{name}.{extension}"));
        let extensions = format!("subjectAltName={names}\nextendedKeyUsage=serverAuth,clientAuth\n");
        fs::write(file("ext"), extensions).unwrap();
        let key = format!("{name}.key");
        let (request, certificate, extensions) = (format!("{name}.csr"), format!("{name}.pem"), format!("{name}.ext"));
        let files = ["-subj", subject, "-keyout", &key, "-out", &request];
        self.openssl(&[&["req"], &EC[..], &files].concat());
        self.openssl(
            &[
                ["x509", "-req", "-in", &request, "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial"].as_slice(),
                &["-days", &days, "-out", &certificate, "-extfile", &extensions],
            ]
            .concat(),
        );
        let identity = Identity {
            certificate: file("pem"),
            key: file("key"),
            keystore: file("keystore.pem"),
            principal: format!("User:CN={name}"),
        };
        identity.join();
        identity
    }

    fn openssl(&self, arguments: &[&str]) {
        let output = Command::new("openssl").args(arguments).current_dir(&self.directory).output().unwrap();
        assert!(output.status.success(), "openssl {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

const EC: [&str; 5] = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
