//! Objects in stores that speak S3. Region, endpoint and credentials are those of the standard environment: `AWS_*`, or the
//! machine's and the container's own.

use std::sync::Once;
use std::time::Duration;

use object_store::aws::{AmazonS3, AmazonS3Builder};
use object_store::path::Path;
use object_store::{Error, MultipartUpload, ObjectStore, ObjectStoreExt, PutMode, PutOptions, PutPayload, RetryConfig};
use tokio::runtime::Handle;

use crate::ports::{Failure, FailureKind};

/// What the names of objects begin with.
const SCHEME: &str = "s3://";

/// The size of a part of an object, in bytes. A store takes 10,000 parts of an object, and none but the last that is below 5 MiB.
const PART: usize = 8 << 20;

/// An object in a bucket.
pub struct Object {
    name: String,
    store: AmazonS3,
    path: Path,
}

impl Object {
    /// Whether a name is that of an object: `s3://BUCKET/KEY`.
    pub fn is_meant(name: &str) -> bool {
        name.starts_with(SCHEME)
    }

    /// The object of that name. Nothing is asked of the store yet, which may take so long to answer.
    ///
    /// # Errors
    /// Fails where the name has no bucket or no key, and where the environment does not say how the store is reached.
    pub fn new(name: &str, timeout: Duration) -> Result<Self, Failure> {
        let failed = |answer: String, hint: &str| Failure {
            kind: FailureKind::Refused,
            tried: "find the object".to_owned(),
            server: name.to_owned(),
            answer,
            hint: Some(hint.to_owned()),
        };
        let written = "write it so: s3://BUCKET/KEY";
        let (bucket, key) = name
            .strip_prefix(SCHEME)
            .and_then(|rest| rest.split_once('/'))
            .filter(|(bucket, key)| !bucket.is_empty() && !key.is_empty() && !key.ends_with('/'))
            .ok_or_else(|| failed("it names no bucket and key".to_owned(), written))?;
        let path = Path::parse(key).map_err(|error| failed(error.to_string(), written))?;
        // There is one provider in the process; who comes second finds it there.
        static PROVIDER: Once = Once::new();
        PROVIDER.call_once(|| drop(rustls::crypto::ring::default_provider().install_default()));
        let retry = RetryConfig { retry_timeout: timeout, ..RetryConfig::default() };
        let store = AmazonS3Builder::from_env().with_bucket_name(bucket).with_retry(retry).build();
        let store =
            store.map_err(|error| failed(told(&error), "see AWS_REGION, AWS_ENDPOINT_URL and AWS_ALLOW_HTTP"))?;
        Ok(Self { name: name.to_owned(), store, path })
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// All that is in it. It blocks, in a runtime.
    ///
    /// # Errors
    /// Fails where it is not there, or may not be read.
    pub fn read(&self) -> Result<Vec<u8>, Failure> {
        let read = async { self.store.get(&self.path).await?.bytes().await };
        let bytes = Handle::current().block_on(read).map_err(|error| self.failed("read the object", &error))?;
        Ok(bytes.to_vec())
    }

    /// Begins to write it. It must not be there, and its name is taken at once: until it is complete, an empty object has it. It
    /// blocks, in a runtime.
    ///
    /// # Errors
    /// Fails with [`Exists`](FailureKind::Exists) where it is there, and where it may not be written.
    pub fn create(self) -> Result<Upload, Failure> {
        let create = async {
            let options = PutOptions { mode: PutMode::Create, ..PutOptions::default() };
            self.store.put_opts(&self.path, PutPayload::new(), options).await?;
            self.store.put_multipart(&self.path).await
        };
        let upload = Handle::current().block_on(create);
        let upload = upload.map_err(|error| self.failed("create the object", &error))?;
        Ok(Upload { object: self, upload, part: Vec::new() })
    }

    fn failed(&self, tried: &str, error: &Error) -> Failure {
        let (kind, hint) = match error {
            Error::AlreadyExists { .. } | Error::Precondition { .. } => {
                (FailureKind::Exists, Some("name another object: an export never takes the place of one"))
            }
            Error::NotFound { .. } => {
                (FailureKind::NotFound, Some("see whether bucket and key are those that are meant"))
            }
            Error::Unauthenticated { .. } => (
                FailureKind::Authentication,
                Some("see AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN"),
            ),
            Error::PermissionDenied { .. } => {
                (FailureKind::Authorization, Some("it takes s3:PutObject, and s3:GetObject to take it back"))
            }
            _ => (
                FailureKind::Server,
                Some(
                    "see AWS_ENDPOINT_URL and AWS_REGION, and whether there are credentials: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or the role of the machine",
                ),
            ),
        };
        Failure {
            kind,
            tried: tried.to_owned(),
            server: self.name.clone(),
            answer: told(error),
            hint: hint.map(str::to_owned),
        }
    }
}

/// An error with what caused it.
fn told(error: &Error) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(next) = cause {
        let more = next.to_string();
        // Some repeat what caused them.
        if !text.contains(&more) {
            text.push_str(&format!(": {more}"));
        }
        cause = next.source();
    }
    text
}

/// An object that is being written, a part at a time.
pub struct Upload {
    object: Object,
    upload: Box<dyn MultipartUpload>,
    part: Vec<u8>,
}

impl Upload {
    /// The object's name.
    pub fn name(&self) -> &str {
        self.object.name()
    }

    /// Adds to it. It blocks, in a runtime.
    ///
    /// # Errors
    /// Fails where the store does not take a part.
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        self.part.extend_from_slice(bytes);
        if self.part.len() >= PART { self.send() } else { Ok(()) }
    }

    fn send(&mut self) -> Result<(), Failure> {
        let part = std::mem::take(&mut self.part);
        let sent = Handle::current().block_on(self.upload.put_part(part.into()));
        sent.map_err(|error| self.object.failed("write the object", &error))
    }

    /// The object is there, and is kept. It blocks, in a runtime.
    ///
    /// # Errors
    /// Fails where the store does not say so.
    pub fn complete(&mut self) -> Result<(), Failure> {
        self.send()?;
        let completed = Handle::current().block_on(self.upload.complete());
        completed.map(drop).map_err(|error| self.object.failed("complete the object", &error))
    }

    /// Gives up what was written. Its name stays taken, by an empty object.
    pub fn abort(&mut self) {
        // What a store keeps of it in spite of that is removed by the bucket's own rule for uploads that were not completed.
        Handle::current().block_on(self.upload.abort()).ok();
    }
}
