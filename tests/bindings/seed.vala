// SPDX-FileCopyrightText: The asyncjobs authors
// SPDX-License-Identifier: LGPL-2.1-or-later

// The seed's scenario in Vala, with a kind of action of its own

class Mycoro : Jobs.Action
{
  private double duration;
  private bool is_broken;

  public Mycoro (double duration, string? label = null, bool is_broken = false)
  {
    Object (label: label);
    this.duration = duration;
    this.is_broken = is_broken;
  }

  private void report (string arrow)
  {
    stdout.printf ("%s %s mycoro(%g)\n", arrow, new DateTime.now_local ().format ("%M-%S"), duration);
  }

  public override bool start (Jobs.Attempt attempt) throws Error
  {
    if (is_broken)
      throw new IOError.NOT_FOUND ("out of order");

    report ("->");
    Timeout.add ((uint) (1000 * duration), () => {
      report ("<-");
      if (duration == (int) duration)
        attempt.complete ((int) (1000 * duration));
      else
        attempt.complete (1000 * duration);
      return Source.REMOVE;
    });
    return true;
  }
}

void show (bool value)
{
  stdout.printf ("%s\n", value ? "True" : "False");
}

async void run_all () throws Error
{
  var e = new Jobs.Engine ();
  foreach (var timeout in new double[] { 1, 2, 1.5 })
    e.add (new Mycoro (timeout));
  show (yield e.orchestrate_async (null));

  var b1 = new Mycoro (1, "first");
  var b2 = new Mycoro (2);
  var b3 = new Mycoro (1.5, "last");
  b3.requires (b1);
  var e2 = new Jobs.Engine ();
  e2.add (b1);
  e2.add (b2);
  e2.add (b3);
  show (yield e2.orchestrate_async (null));

  show (b1.is_done ());
  stdout.printf ("%.1f\n", b3.get_result ().get_double ());
  for (uint i = 0; i < e2.get_n_items (); i++)
    stdout.printf ("%s\n", ((Jobs.Action) e2.get_item (i)).to_string ());

  var e3 = new Jobs.Engine ();
  e3.add (new Mycoro (0, "broken", true));
  try
    {
      yield e3.orchestrate_async (null);
      stdout.printf ("no error\n");
    }
  catch (Jobs.Error.CRITICAL error)
    {
      stdout.printf ("true %s\n", ("out of order" in error.message).to_string ());
    }
}

int main ()
{
  var loop = new MainLoop ();
  var status = 0;

  run_all.begin ((source, result) => {
    try
      {
        run_all.end (result);
      }
    catch (Error error)
      {
        stderr.printf ("%s\n", error.message);
        status = 1;
      }
    loop.quit ();
  });
  loop.run ();
  return status;
}
