//! What a figure says besides its answer: who was asked, on what, and in which language.

use zfnet::ReluRule;
use zfnet::network::model::ClassName;
use zfnet::pictures::rendering::Stretch;
use zfnet_words::{Words, say};

/// The network that was asked, what it ran on, and the language of the figure.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// What the network is called.
    pub network: &'a str,
    /// What it calls its classes.
    pub classes: &'a [ClassName],
    /// The device in words.
    pub device: &'a str,
    /// The figure's language.
    pub words: Words,
}

impl Context<'_> {
    /// A class as people say it.
    pub fn class_name(&self, index: usize) -> String {
        match self.classes.get(index) {
            Some(class) => (self.words.either(&class.en, class.zh.as_deref())).to_owned(),
            None => say!(self.words, "classUnnamed", index = index),
        }
    }
}

/// What lets a projection through the rectifiers, as people say it.
pub(crate) fn rule_in_words(words: Words, rule: ReluRule) -> &'static str {
    match rule {
        ReluRule::Deconvnet => say!(words, "deconvnet"),
        ReluRule::Guided => say!(words, "guided"),
        ReluRule::Gradient => say!(words, "gradient"),
    }
}

/// How numbers become brightness, as people say it.
pub(crate) fn stretch_in_words(words: Words, stretch: Stretch) -> String {
    let how = match stretch {
        Stretch::Quantile => say!(words, "quantile"),
        Stretch::MinMax => say!(words, "minmax"),
        Stretch::Sigmoid => say!(words, "sigmoid"),
    };
    say!(words, "figureStretch", how = how)
}

/// Whether several things are drawn on one scale, as people say it.
pub(crate) fn scale_in_words(words: Words, shared: bool) -> String {
    let how = match shared {
        true => say!(words, "shared"),
        false => say!(words, "own"),
    };
    say!(words, "figureScale", how = how)
}
