//! What every page knows of the site.

/// What every page knows of the site. The server provides it as a context.
#[derive(Debug, Clone, Default)]
pub struct Site {
    /// The address of the simulator's phones. If it is there, the money is play money, and every page says
    /// so.
    pub simulator_url: Option<String>,
    /// Scheme, host and port of the site, for addresses that people send to others.
    pub origin: String,
    /// How to reach the people who run the site, if they have said it.
    pub contact: Option<String>,
}
