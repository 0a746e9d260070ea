//! Repeats a measurement five times and collects its figures, so that the report can show how far they spread. It must
//! never leave a round out.

use super::report::Report;

pub const ROUNDS: usize = 5;

/// The values of one figure, one for each round.
struct Figure {
    name: String,
    values: Vec<f64>,
    unit: &'static str,
    note: String,
}

/// The figures of the rounds so far.
#[derive(Default)]
pub struct Rounds {
    figures: Vec<Figure>,
}

impl Rounds {
    /// Adds a value of this round to the figure of this name.
    pub fn add(&mut self, name: &str, value: f64, unit: &'static str, note: &str) {
        if let Some(figure) = self.figures.iter_mut().find(|figure| figure.name == name) {
            figure.values.push(value);
        } else {
            let (name, note) = (name.to_owned(), note.to_owned());
            self.figures.push(Figure { name, values: vec![value], unit, note });
        }
    }

    /// Adds the ratio of two figures of this round.
    pub fn ratio(&mut self, name: &str, over: &str, under: &str, note: &str) {
        if let (Some(over), Some(under)) = (self.newest(over), self.newest(under)) {
            self.add(name, over / under, "times", note);
        }
    }

    fn newest(&self, wanted: &str) -> Option<f64> {
        self.figures.iter().find(|figure| figure.name == wanted)?.values.last().copied()
    }

    fn add_to(self, report: &mut Report) {
        for Figure { name, values, unit, note } in self.figures {
            report.add_rounds(&name, &values, unit, &note);
        }
    }
}

/// Runs a measurement in each round, numbered from 0. Figures that are compared belong in the same round, so that a slow
/// moment of the machine affects all of them.
pub async fn repeat(report: &mut Report, mut measure: impl AsyncFnMut(usize, &mut Rounds)) {
    let mut rounds = Rounds::default();
    for round in 0..ROUNDS {
        measure(round, &mut rounds).await;
    }
    rounds.add_to(report);
}
