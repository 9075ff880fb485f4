//! Where pictures are stored: in a folder or an S3 bucket, which no route serves directly. The keys are made
//! by us, never by visitors.

use std::path::Path as FilePath;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use bytes::Bytes;
use futures_util::TryStreamExt;
use nix::unistd::AccessFlags;
use object_store::aws::AmazonS3Builder;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{ClientOptions, ObjectStore, ObjectStoreExt, PutPayload, RetryConfig};
use secrecy::ExposeSecret;

use super::private;
use super::settings::{S3Settings, Settings};

/// The longest time that a page waits for its picture.
const STORE_TIMEOUT: Duration = Duration::from_secs(10);
const STORE_RETRIES: usize = 3;

/// The store of pictures. Clones share it.
#[derive(Debug, Clone)]
pub struct Files {
    store: Arc<dyn ObjectStore>,
}

impl Files {
    /// Opens the bucket of the settings, or else the folder `UPLOADS_DIR`, which is made if it is absent. A
    /// bucket is not contacted yet.
    ///
    /// # Errors
    /// The folder cannot be made, or the bucket's settings do not fit together.
    pub fn open(settings: &Settings) -> anyhow::Result<Self> {
        match &settings.uploads_s3 {
            Some(bucket) => Self::bucket(bucket),
            None => Self::folder(&settings.uploads_dir),
        }
    }

    fn folder(folder: &FilePath) -> anyhow::Result<Self> {
        private::keep_others_out();
        std::fs::create_dir_all(folder)
            .with_context(|| format!("{} (UPLOADS_DIR) cannot be made", folder.display()))?;
        private::tighten(folder);
        let store = LocalFileSystem::new_with_prefix(folder)
            .with_context(|| format!("{} (UPLOADS_DIR)", folder.display()))?;
        Ok(Self { store: Arc::new(store) })
    }

    /// Says where pictures go, after a look whether they can be kept there (`ligisoo check`). In a bucket a
    /// file is written, read and deleted; a folder is only looked at.
    ///
    /// # Errors
    /// Pictures cannot be kept there, with the reason.
    pub async fn probe(settings: &Settings) -> anyhow::Result<String> {
        const PROBE: &str = "check/probe";
        let Some(bucket) = &settings.uploads_s3 else { return look_at(&settings.uploads_dir) };
        let files = Self::bucket(bucket)?;
        files.write(PROBE, &b"ligisoo"[..]).await?;
        let found = files.read(PROBE).await?;
        files.delete(PROBE).await?;
        anyhow::ensure!(found.is_some(), "what was written cannot be read");
        Ok(format!("bucket {}", bucket.bucket))
    }

    fn bucket(settings: &S3Settings) -> anyhow::Result<Self> {
        let is_http = settings.endpoint.as_ref().is_some_and(|endpoint| endpoint.scheme() == "http");
        let client = ClientOptions::new().with_timeout(STORE_TIMEOUT).with_allow_http(is_http);
        let retry = RetryConfig {
            max_retries: STORE_RETRIES,
            retry_timeout: STORE_TIMEOUT,
            ..RetryConfig::default()
        };
        let mut builder = AmazonS3Builder::new()
            .with_client_options(client)
            .with_retry(retry)
            // Keys are deleted one at a time, and not every S3 service knows more.
            .with_disable_bulk_delete(true)
            .with_bucket_name(&settings.bucket)
            .with_region(&settings.region)
            .with_access_key_id(&settings.access_key)
            .with_secret_access_key(settings.secret_key.expose_secret());
        if let Some(endpoint) = &settings.endpoint {
            builder = builder.with_endpoint(endpoint.as_str().trim_end_matches('/'));
        }
        Ok(Self { store: Arc::new(builder.build().context("the bucket of pictures (UPLOADS_S3_…)")?) })
    }

    /// The bytes of a file; `None` if there is no such file.
    ///
    /// # Errors
    /// The key is no path inside the store, or the disk or the bucket fails.
    pub async fn read(&self, key: &str) -> anyhow::Result<Option<Bytes>> {
        match self.store.get(&Path::parse(key)?).await {
            Ok(found) => Ok(Some(found.bytes().await?)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Writes a file at once, so that a reader never sees half of it. An older file of this key is replaced.
    ///
    /// # Errors
    /// The key is no path inside the store, or the disk or the bucket fails.
    pub async fn write(&self, key: &str, bytes: impl Into<Bytes>) -> anyhow::Result<()> {
        self.store.put(&Path::parse(key)?, PutPayload::from_bytes(bytes.into())).await?;
        Ok(())
    }

    /// Deletes every file whose key `is_wanted` accepts, and says how many there were.
    ///
    /// # Errors
    /// The disk or the bucket fails; what was deleted before stays deleted.
    pub async fn delete_all(&self, is_wanted: impl Fn(&str) -> bool) -> anyhow::Result<usize> {
        let mut found = self.store.list(None);
        let mut deleted = 0;
        while let Some(file) = found.try_next().await? {
            let key = file.location.as_ref();
            if is_wanted(key) {
                self.delete(key).await?;
                deleted += 1;
            }
        }
        Ok(deleted)
    }

    /// Deletes a file. A file that is not there counts as deleted.
    ///
    /// # Errors
    /// The key is no path inside the store, or the disk or the bucket fails.
    pub async fn delete(&self, key: &str) -> anyhow::Result<()> {
        match self.store.delete(&Path::parse(key)?).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

/// Describes the folder if it is there and may be used, or can be made inside a folder that is there.
fn look_at(folder: &FilePath) -> anyhow::Result<String> {
    let is_there = folder.exists();
    let nearest = folder.ancestors().find(|above| above.exists()).unwrap_or(FilePath::new("."));
    anyhow::ensure!(nearest.is_dir(), "{} (UPLOADS_DIR) is no folder", nearest.display());
    let access = AccessFlags::R_OK | AccessFlags::W_OK | AccessFlags::X_OK;
    nix::unistd::access(nearest, access).with_context(|| format!("{} (UPLOADS_DIR)", nearest.display()))?;
    let folder = folder.display();
    Ok(if is_there { folder.to_string() } else { format!("{folder}, which the first start makes") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_written_is_read_until_it_is_deleted() {
        let folder = tempfile::tempdir().expect("a folder");
        let files = Files::folder(&folder.path().join("new")).expect("a store");
        assert_eq!(files.read("betslips/a.webp").await.expect("an answer"), None);
        files.write("betslips/a.webp", vec![1, 2, 3]).await.expect("written");
        assert_eq!(files.read("betslips/a.webp").await.expect("an answer").as_deref(), Some(&[1, 2, 3][..]));
        files.delete("betslips/a.webp").await.expect("deleted");
        files.delete("betslips/a.webp").await.expect("deleted again");
        assert_eq!(files.read("betslips/a.webp").await.expect("an answer"), None);
        files.read("../outside").await.expect_err("never outside");
        what_is_wanted_is_deleted(&files).await;
    }

    async fn what_is_wanted_is_deleted(files: &Files) {
        for key in ["betslip-7-old.jpg", "betslips/b-old.jpg", "betslips/b.webp", "deep/er/c-old.jpg"] {
            files.write(key, vec![1, 2, 3]).await.expect("written");
        }
        assert_eq!(files.delete_all(|key| key.ends_with("-old.jpg")).await.expect("deleted"), 3);
        assert_eq!(files.delete_all(|key| key.ends_with("-old.jpg")).await.expect("nothing more"), 0);
        assert!(files.read("betslips/b.webp").await.expect("an answer").is_some(), "the others stay");
    }

    /// The little of S3 that is needed: what is put at a path stays there until it is deleted, and a request
    /// without a signature gets nothing.
    async fn bucket_server() -> reqwest::Url {
        use axum::body::Bytes;
        use axum::http::{HeaderMap, Method, StatusCode, Uri};
        use std::collections::HashMap;
        type Kept = Arc<std::sync::Mutex<HashMap<String, Bytes>>>;
        fn list(kept: &HashMap<String, Bytes>) -> Bytes {
            let file = |path: &String| {
                let key = path.trim_start_matches("/slips/");
                format!(
                    "<Contents><Key>{key}</Key><Size>3</Size>\
                     <LastModified>2026-11-24T04:00:00Z</LastModified></Contents>"
                )
            };
            format!("<ListBucketResult>{}</ListBucketResult>", kept.keys().map(file).collect::<String>())
                .into()
        }
        fn answer(
            kept: &Kept,
            method: &Method,
            uri: &Uri,
            headers: &HeaderMap,
            body: Bytes,
        ) -> (StatusCode, HeaderMap, Bytes) {
            let mut kept = kept.lock().expect("a lock");
            let path = uri.path().to_owned();
            let is_signed = headers
                .get("authorization")
                .is_some_and(|value| value.to_str().is_ok_and(|value| value.contains("key/")));
            let (status, body) = match (is_signed, method.as_str(), kept.get(&path).cloned()) {
                (false, ..) => (StatusCode::FORBIDDEN, Bytes::new()),
                (_, "PUT", _) => {
                    (StatusCode::OK, kept.insert(path, body).map_or(Bytes::new(), |_| Bytes::new()))
                }
                (_, "GET", Some(found)) => (StatusCode::OK, found),
                (_, "GET", None) if uri.query().is_some_and(|query| query.contains("list-type=2")) => {
                    (StatusCode::OK, list(&kept))
                }
                (_, "DELETE", _) => {
                    (StatusCode::NO_CONTENT, kept.remove(&path).map_or(Bytes::new(), |_| Bytes::new()))
                }
                _ => (StatusCode::NOT_FOUND, Bytes::new()),
            };
            let mut headers = HeaderMap::new();
            headers.insert("etag", "\"1\"".parse().expect("a header"));
            headers.insert("last-modified", "Tue, 24 Nov 2026 04:00:00 GMT".parse().expect("a header"));
            (status, headers, body)
        }
        let kept = Kept::default();
        let app = axum::Router::new().fallback(
            async move |method: Method, uri: Uri, headers: HeaderMap, body: Bytes| {
                answer(&kept, &method, &uri, &headers, body)
            },
        );
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        tokio::spawn(async move { axum::serve(listener, app).await });
        url.parse().expect("an address")
    }

    #[tokio::test]
    async fn a_bucket_does_what_a_folder_does() {
        let endpoint = Some(bucket_server().await);
        let [bucket, access_key, region] = ["slips", "key", "us-east-1"].map(str::to_owned);
        let files = Files::bucket(&S3Settings {
            bucket,
            access_key,
            secret_key: "secret".to_owned().into(),
            endpoint,
            region,
        })
        .expect("a store");
        assert_eq!(files.read("betslips/a.webp").await.expect("an answer"), None);
        files.write("betslips/a.webp", vec![1, 2, 3]).await.expect("written");
        assert_eq!(files.read("betslips/a.webp").await.expect("an answer").as_deref(), Some(&[1, 2, 3][..]));
        files.delete("betslips/a.webp").await.expect("deleted");
        assert_eq!(files.read("betslips/a.webp").await.expect("an answer"), None);
        what_is_wanted_is_deleted(&files).await;
    }
}
