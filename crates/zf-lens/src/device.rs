//! Which device computes, and the one place that waits for it.

#[cfg(feature = "gpu")]
use std::io::Write;
#[cfg(feature = "gpu")]
use std::process::{Command, Stdio};

use burn::tensor::Device;
#[cfg(feature = "gpu")]
use burn::tensor::{DeviceKind, DeviceType, Tensor};
use clap::ValueEnum;

use crate::failure::bad_input;

/// The user's wish.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Choice {
    /// The GPU if there is a real one, else the CPU
    #[default]
    Auto,
    /// The CPU
    Cpu,
    /// A GPU; a software adapter will do when it is the only one
    Gpu,
    /// An NVIDIA card through CUDA, in a build with that feature
    Cuda,
    /// PyTorch's library, in a build with that feature
    Libtorch,
}

#[cfg(feature = "gpu")]
/// Set in the environment of a child that only looks for adapters; its value is the wish.
const PROBE: &str = "ZF_LENS_PROBE";

#[cfg(feature = "gpu")]
/// Kinds of adapters, best first, by the names that a probe answers with. Software comes last, and only when asked for.
const KINDS: [(&str, DeviceKind); 5] = [
    ("discrete", DeviceKind::DiscreteGpu(0)),
    ("integrated", DeviceKind::IntegratedGpu(0)),
    ("virtual", DeviceKind::VirtualGpu(0)),
    ("software", DeviceKind::Cpu),
    ("unclassified", DeviceKind::DefaultDevice),
];

/// Opens the device, and gives its name for reports: `cpu` or `gpu`.
///
/// # Errors
/// When a GPU was asked for and there is none, or it does not compute.
pub(crate) fn open(choice: Choice) -> anyhow::Result<(Device, &'static str)> {
    match choice {
        Choice::Cpu => Ok((Device::flex(), "cpu")),
        Choice::Auto => {
            Ok(graphics(choice).map_or_else(|_| (Device::flex(), "cpu"), |device| (device, "gpu")))
        }
        Choice::Gpu => match graphics(choice) {
            Ok(device) => Ok((device, "gpu")),
            Err(found) => Err(bad_input(
                "--device gpu",
                "a graphics adapter that computes",
                found,
            )),
        },
        #[cfg(feature = "cuda")]
        Choice::Cuda => Ok((Device::cuda(0), "cuda")),
        #[cfg(feature = "libtorch")]
        #[expect(deprecated, reason = "burn will drop it, and this device with it")]
        Choice::Libtorch => Ok((Device::libtorch(), "libtorch")),
        #[cfg(not(all(feature = "cuda", feature = "libtorch")))]
        other => {
            let name = format!("{other:?}").to_lowercase();
            let expected = format!("a build with --features {name}");
            Err(bad_input(
                format!("--device {name}"),
                expected,
                "one without",
            ))
        }
    }
}

/// The best graphics adapter, or what was found instead.
#[cfg(feature = "gpu")]
fn graphics(choice: Choice) -> Result<Device, String> {
    adapter(choice).map(Device::wgpu)
}

#[cfg(not(feature = "gpu"))]
fn graphics(_: Choice) -> Result<Device, String> {
    Err("a build without --features gpu".into())
}

/// Waits for an answer of the engine; on the command line there is nothing else to do meanwhile.
pub(crate) fn wait<F: Future>(answer: F) -> F::Output {
    pollster::block_on(answer)
}

#[cfg(feature = "gpu")]
/// The best adapter that works, or what was found instead.
///
/// A process of its own looks for it: drivers write to stderr, panic or crash while they start, and the answer to that
/// is the CPU.
fn adapter(choice: Choice) -> Result<DeviceKind, String> {
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let wish = if choice == Choice::Auto {
        "auto"
    } else {
        "gpu"
    };
    let probe = Command::new(program)
        .env(PROBE, wish)
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output();
    let answer = probe.map_err(|error| error.to_string())?;
    let answer = String::from_utf8_lossy(&answer.stdout);
    match KINDS.iter().find(|(name, _)| *name == answer.trim()) {
        Some((_, kind)) => Ok(kind.clone()),
        None if answer.trim().is_empty() => Err("a driver that fails while it starts".into()),
        None => Err(answer.trim().into()),
    }
}

#[cfg(feature = "gpu")]
/// Answers on stdout when this process is a probe, and says whether it is.
pub(crate) fn answered_probe() -> bool {
    let Some(wish) = std::env::var_os(PROBE) else {
        return false;
    };
    let there = Device::enumerate(DeviceType::Wgpu);
    let usable = if wish == "gpu" {
        KINDS.len()
    } else {
        KINDS.len() - 2
    };
    let mut candidates = KINDS.into_iter().take(usable);
    let found = candidates.find(|(_, kind)| match kind {
        DeviceKind::DefaultDevice => !there.is_empty(),
        kind => there.contains(&Device::wgpu(kind.clone())),
    });
    let answer = match found {
        None => {
            if there.is_empty() {
                "none".into()
            } else {
                "only one that computes in software".into()
            }
        }
        Some((name, kind)) => {
            computes(&Device::wgpu(kind)).map_or_else(|found| found, |()| name.to_owned())
        }
    };
    // The parent reads silence as a driver that failed.
    let _ = writeln!(std::io::stdout(), "{answer}");
    true
}

/// A build without graphics adapters never looks for one.
#[cfg(not(feature = "gpu"))]
pub(crate) fn answered_probe() -> bool {
    false
}

#[cfg(feature = "gpu")]
/// Opens the device and lets it compute something: drivers that enumerate do not always work.
fn computes(device: &Device) -> Result<(), String> {
    let sum = (Tensor::<1>::from_floats([1.0, 2.0], device) * 2.0).sum();
    match wait(zfnet::readback::floats(sum)) {
        Ok(answer) if answer == [6.0] => Ok(()),
        Ok(answer) => Err(format!("one that answers {answer:?} instead of 6")),
        Err(error) => Err(error.to_string()),
    }
}
