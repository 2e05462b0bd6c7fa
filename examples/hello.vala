// SPDX-FileCopyrightText: The asyncjobs authors
// SPDX-License-Identifier: LGPL-2.1-or-later

class Kettle : Jobs.Action
{
  private uint timer;

  public Kettle (string label)
  {
    Object (label: label);
  }

  public override bool start (Jobs.Attempt attempt) throws Error
  {
    timer = Timeout.add (300, () => {
      attempt.complete ("hot water");
      return Source.REMOVE;
    });
    return true;
  }

  public override bool stop (Jobs.Attempt attempt) throws Error
  {
    Source.remove (timer);
    attempt.fail (new IOError.CANCELLED ("taken from the fire"));
    return true;
  }
}

async void make_tea () throws Error
{
  var water = new Kettle ("water");
  var cups = new Jobs.PrintAction ("cups", "the cups are set");
  var tea = new Jobs.CallbackAction ("tea", () => {
    stdout.printf ("pouring %s\n", water.get_result ().get_string ());
    return true;
  });
  tea.requires (water);
  tea.requires (cups);

  var engine = new Jobs.Engine () { timeout = 5000 };
  engine.add_many ({ water, cups, tea });
  yield engine.orchestrate_async ();
}

int main ()
{
  var loop = new MainLoop ();
  var status = 0;

  make_tea.begin ((source, result) => {
    try
      {
        make_tea.end (result);
      }
    catch (Error error)
      {
        stderr.printf ("No tea: %s\n", error.message);
        status = 1;
      }
    loop.quit ();
  });
  loop.run ();
  return status;
}
