//! Where pictures lie: a folder or an S3 bucket, which no route serves directly. Keys are made by us, never by visitors.

use std::path::Path as FilePath;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use bytes::Bytes;
use object_store::aws::AmazonS3Builder;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{ClientOptions, ObjectStore, ObjectStoreExt, PutPayload, RetryConfig};
use secrecy::ExposeSecret;

use super::settings::{S3Settings, Settings};

/// A page waits for its picture no longer than this.
const STORE_TIMEOUT: Duration = Duration::from_secs(10);
const STORE_RETRIES: usize = 3;

#[derive(Debug, Clone)]
pub struct Files {
    store: Arc<dyn ObjectStore>,
}

impl Files {
    /// The bucket of the settings, or else the folder `UPLOADS_DIR`, which is made if absent.
    pub fn open(settings: &Settings) -> anyhow::Result<Self> {
        match &settings.uploads_s3 {
            Some(bucket) => Self::bucket(bucket),
            None => Self::folder(&settings.uploads_dir),
        }
    }

    fn folder(folder: &FilePath) -> anyhow::Result<Self> {
        std::fs::create_dir_all(folder).with_context(|| format!("{} (UPLOADS_DIR) cannot be made", folder.display()))?;
        let store = LocalFileSystem::new_with_prefix(folder).with_context(|| format!("{} (UPLOADS_DIR)", folder.display()))?;
        Ok(Self { store: Arc::new(store) })
    }

    fn bucket(settings: &S3Settings) -> anyhow::Result<Self> {
        let is_http = settings.endpoint.as_ref().is_some_and(|endpoint| endpoint.scheme() == "http");
        let client = ClientOptions::new().with_timeout(STORE_TIMEOUT).with_allow_http(is_http);
        let retry = RetryConfig { max_retries: STORE_RETRIES, retry_timeout: STORE_TIMEOUT, ..RetryConfig::default() };
        let mut builder = AmazonS3Builder::new()
            .with_client_options(client)
            .with_retry(retry)
            .with_bucket_name(&settings.bucket)
            .with_region(&settings.region)
            .with_access_key_id(&settings.access_key)
            .with_secret_access_key(settings.secret_key.expose_secret());
        if let Some(endpoint) = &settings.endpoint {
            builder = builder.with_endpoint(endpoint.as_str().trim_end_matches('/'));
        }
        Ok(Self { store: Arc::new(builder.build().context("the bucket of pictures (UPLOADS_S3_…)")?) })
    }

    /// `None` if there is no such file.
    pub async fn read(&self, key: &str) -> anyhow::Result<Option<Bytes>> {
        match self.store.get(&Path::parse(key)?).await {
            Ok(found) => Ok(Some(found.bytes().await?)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// All at once: a reader never sees half a file.
    pub async fn write(&self, key: &str, bytes: impl Into<Bytes>) -> anyhow::Result<()> {
        self.store.put(&Path::parse(key)?, PutPayload::from_bytes(bytes.into())).await?;
        Ok(())
    }

    /// One that is not there is as good as deleted.
    pub async fn delete(&self, key: &str) -> anyhow::Result<()> {
        match self.store.delete(&Path::parse(key)?).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
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
    }
}
