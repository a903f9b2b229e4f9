//! What a visitor may be made to download, in bytes. The README states the same figures.

/// The program on the CPU: one WebAssembly module, after Brotli.
pub(crate) const CPU_MODULE: u64 = 800_000;
/// The same on WebGPU, with burn's kernels and the shader compiler in it.
pub(crate) const WEBGPU_MODULE: u64 = 2_500_000;
/// What reads networks of other programs, on whatever backend, when somebody brings one.
pub(crate) const IMPORT_MODULE: u64 = 180_000;
/// What draws figures, on whatever backend, when somebody takes one away.
pub(crate) const FIGURES_MODULE: u64 = 220_000;
/// All scripts and styles that a first visit loads, with the glue of one module, each file after Brotli.
pub(crate) const SCRIPTS: u64 = 78_000;
/// Those of the tabs beside the first, of the drawing and the list of layers, the tour, the live camera and what reads other
/// networks, all of them together; each is fetched when it is opened.
pub(crate) const TABS: u64 = 215_000;
/// What `<zf-lens>` makes another page load before its reader asks for more, without the poster.
pub(crate) const WIDGET: u64 = 20_000;
/// The convolution layers of the bundled network: what must be there before the first projection. As it is: bytes with
/// a scale for each filter hardly compress.
pub(crate) const FIRST_SHARD: u64 = 4_000_000;
