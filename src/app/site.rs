//! What every page knows of the site.

/// What every page knows of the site; the server provides it.
#[derive(Debug, Clone, Default)]
pub struct Site {
    /// Where the simulator's phones are. `Some` means play money, and every page says so.
    pub simulator_url: Option<String>,
    /// Scheme, host and port of the site, for addresses that people send to others.
    pub origin: String,
    /// How people reach whoever runs the site.
    pub contact: Option<String>,
}
