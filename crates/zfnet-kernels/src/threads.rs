//! Work in parts, on several threads where there are some.

/// How many parts can go on at once.
pub(crate) fn count() -> usize {
    #[cfg(feature = "rayon")]
    return rayon::current_num_threads();
    #[cfg(not(feature = "rayon"))]
    1
}

/// Does every part, in any order.
pub(crate) fn each<T: Send>(parts: Vec<T>, work: impl Fn(T) + Sync + Send) {
    #[cfg(feature = "rayon")]
    if parts.len() > 1 {
        use rayon::iter::{IntoParallelIterator, ParallelIterator};
        return parts.into_par_iter().for_each(work);
    }
    parts.into_iter().for_each(work);
}

/// Makes something of every part, in their order.
pub(crate) fn map<T: Send, U: Send>(parts: Vec<T>, make: impl Fn(T) -> U + Sync + Send) -> Vec<U> {
    #[cfg(feature = "rayon")]
    if parts.len() > 1 {
        use rayon::iter::{IntoParallelIterator, ParallelIterator};
        return parts.into_par_iter().map(make).collect();
    }
    parts.into_iter().map(make).collect()
}
