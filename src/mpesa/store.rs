//! The rows of what moves money over M-Pesa.

pub mod sends;
