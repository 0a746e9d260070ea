//! The scale of a chart: it turns times and numbers into coordinates. It always holds every number and the whole range.

use jiff::civil::DateTime;

use super::Tick;

// A phone draws the chart at about its own size, so that the text stays readable.
pub const WIDTH: f64 = 360.0;
pub const HEIGHT: f64 = 240.0;
const LEFT: f64 = 48.0;
const RIGHT: f64 = 12.0;
const TOP: f64 = 24.0;
const BOTTOM: f64 = 28.0;

pub struct Scale {
    from: DateTime,
    minutes: f64,
    low: f64,
    high: f64,
}

impl Scale {
    /// The scale of the points and the ends of the range. `None` without a point.
    pub fn new(
        points: impl Iterator<Item = (DateTime, f64)> + Clone,
        range: Option<(Option<f64>, Option<f64>)>,
    ) -> Option<Self> {
        let (from, to) = (points.clone().map(|(at, _)| at).min()?, points.clone().map(|(at, _)| at).max()?);
        let ends = range.map_or([None, None], |(low, high)| [low, high]).into_iter().flatten();
        let numbers = points.map(|(_, number)| number).chain(ends);
        let (low, high) =
            numbers.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), number| (low.min(number), high.max(number)));
        let margin = ((high - low) * 0.1).max(high.abs() * 0.02).max(1e-9);
        Some(Self { from, minutes: minutes(from, to).max(1.0), low: low - margin, high: high + margin })
    }

    pub fn x(&self, at: DateTime) -> String {
        coordinate(LEFT + (WIDTH - LEFT - RIGHT) * minutes(self.from, at) / self.minutes)
    }

    pub fn y(&self, number: f64) -> String {
        coordinate(self.height_of(number))
    }

    fn height_of(&self, number: f64) -> f64 {
        HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * (number - self.low) / (self.high - self.low)
    }

    /// The upper edge and the height of a range. An open end reaches to the edge of the chart.
    pub fn band(&self, (low, high): (Option<f64>, Option<f64>)) -> Option<(String, String)> {
        let top = self.height_of(high.unwrap_or(self.high));
        let bottom = self.height_of(low.unwrap_or(self.low));
        (bottom > top).then(|| (coordinate(top), coordinate(bottom - top)))
    }

    pub fn ticks(&self) -> Vec<Tick> {
        let value = |step: u8| self.low + (self.high - self.low) * f64::from(step) / 4.0;
        (0..=4).map(value).map(|value| Tick { y: self.y(value), label: tick_label(value) }).collect()
    }
}

fn minutes(from: DateTime, to: DateTime) -> f64 {
    f64::from(i32::try_from(to.duration_since(from).as_mins()).unwrap_or(i32::MAX))
}

/// The label of a tick, to four figures.
fn tick_label(value: f64) -> String {
    if value == 0.0 {
        return "0".into();
    }
    let before = value.abs().log10().floor();
    let decimals = (3.0 - before).clamp(0.0, 12.0);
    let factor = 10f64.powf(decimals);
    format!("{}", (value * factor).round() / factor)
}

fn coordinate(value: f64) -> String {
    format!("{value:.1}")
}
