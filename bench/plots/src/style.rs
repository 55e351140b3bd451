//! One colour for each candidate, in all pictures.

use plotters::style::RGBColor;

/// Neutral, so that the pictures also read on a dark page.
pub const PAPER: RGBColor = RGBColor(250, 250, 248);
/// Texts and axes.
pub const INK: RGBColor = RGBColor(40, 44, 52);
/// The mesh.
pub const FAINT: RGBColor = RGBColor(222, 222, 218);
/// What is written beside the axes.
pub const FONT: &str = "sans-serif";

/// Where they are named in the legend, and their colours: those of rs-in-hs are blue and green.
const CANDIDATES: [(&str, RGBColor); 12] = [
    ("plain design", RGBColor(200, 48, 48)),
    ("process behind a socket", RGBColor(222, 130, 20)),
    ("queued with a timeout", RGBColor(84, 160, 230)),
    ("queued", RGBColor(24, 78, 174)),
    ("1,000 casts at once", RGBColor(120, 170, 40)),
    ("cast", RGBColor(30, 160, 90)),
    ("batch of 1,000", RGBColor(90, 60, 170)),
    ("direct", RGBColor(0, 150, 190)),
    ("direct, nonblocking", RGBColor(0, 105, 120)),
    ("Haskell thread", RGBColor(150, 100, 60)),
    ("foreign import by hand", RGBColor(120, 120, 125)),
    ("two copies", RGBColor(170, 170, 170)),
];

/// A candidate's colour.
pub fn colour(candidate: &str) -> RGBColor {
    CANDIDATES.iter().find(|(name, _)| *name == candidate).map_or(INK, |(_, colour)| *colour)
}
