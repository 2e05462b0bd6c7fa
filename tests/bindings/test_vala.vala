// SPDX-FileCopyrightText: The asyncjobs authors
// SPDX-License-Identifier: LGPL-2.1-or-later

// The library as its vapi gives it to Vala

const uint WATCHDOG = 60; // seconds

// Each virtual function in Vala
class Work : Jobs.Action
{
  public uint duration;
  public bool fails;
  public int n_stopped;
  public int n_cleaned;
  private uint timer;

  public Work (string? label, uint duration, bool fails = false)
  {
    Object (label: label);
    this.duration = duration;
    this.fails = fails;
  }

  public override bool start (Jobs.Attempt attempt) throws Error
  {
    if (fails)
      throw new IOError.NOT_FOUND ("attempt %u", attempt.get_number ());

    timer = Timeout.add (duration, () => {
      attempt.complete (duration);
      return Source.REMOVE;
    });
    return true;
  }

  public override bool stop (Jobs.Attempt attempt) throws Error
  {
    n_stopped++;
    Source.remove (timer);
    attempt.fail (new IOError.CANCELLED ("stopped"));
    return true;
  }

  public override bool clean_up (Jobs.Attempt attempt) throws Error
  {
    n_cleaned++;
    attempt.complete (null);
    return true;
  }

  public override string? dup_label ()
  {
    return duration > 0 ? "for %u ms".printf (duration) : null;
  }

  public override string? dup_details ()
  {
    return null;
  }
}

class Sum : Jobs.Action
{
  public override bool perform () throws Error
  {
    uint sum = 0;
    foreach (var action in dup_requirements ())
      sum += action.get_result ().get_uint ();
    take_result (sum);
    return true;
  }
}

class Connection : Object, Jobs.Resource
{
  public int n_open;

  public bool open (Jobs.Attempt attempt) throws Error
  {
    n_open++;
    attempt.complete (null);
    return true;
  }

  public bool close (Jobs.Attempt attempt) throws Error
  {
    n_open--;
    attempt.complete (null);
    return true;
  }

  public unowned Jobs.Resource? get_parent ()
  {
    return null;
  }
}

// A node that runs nothing, and says what it was to run
class EchoNode : Jobs.Node
{
  public EchoNode (string name)
  {
    Object (name: name);
  }

  public override bool begin (Jobs.Process process) throws Error
  {
    process.output (1, string.joinv (" ", process.get_argv ()).data);
    process.end (0);
    return true;
  }

  public override bool kill (Jobs.Process process, int signum) throws Error
  {
    return true;
  }

  public override bool copy (Jobs.Process process, bool push, string from, string to) throws Error
  {
    return false;
  }
}

async void test_results () throws Error
{
  var one = new Work ("one", 1);
  var two = new Work (null, 2);
  var sum = new Sum ();
  sum.requires (one);
  sum.requires_full (two, Jobs.Condition.SUCCESS);

  var engine = new Jobs.Engine () { window = 2, label = "engine" };
  assert (engine.add_many ({ one, two, sum }));
  assert (yield engine.orchestrate_async ());
  assert (sum.get_result ().get_uint () == 3);
  assert (one.state == Jobs.State.FINISHED && one.state.is_terminal ());
  assert (one.state.get_nick () == "finished");
  assert (two.dup_display_label () == "for 2 ms");
  assert (one.n_cleaned == 1 && two.n_cleaned == 1);

  Jobs.Condition condition;
  assert (sum.get_requirement (two, out condition) && condition == Jobs.Condition.SUCCESS);
  assert (engine.dup_order ().length == 3);
  assert (engine.dup_order ()[2] == sum);
  assert (engine.dup_predecessors ({ sum }, true).length == 2);
  assert (((Jobs.Action) engine.get_item (0)) == one);
  assert (engine.get_n_items () == 3);
  assert (engine.lookup ("one") == one);

  string[] warnings;
  assert (engine.check (out warnings));
  assert (warnings.length == 0);
  engine.keep_only_between (null, { sum }, true, true);
  assert (engine.contains (sum));
  assert ("one" in engine.to_dot ());
}

async void test_errors () throws Error
{
  var failing = new Work ("failing", 1, true) { retries = 1, retry_delay = 1 };
  var engine = new Jobs.Engine ();
  engine.add (failing);
  try
    {
      yield engine.orchestrate_async ();
      assert_not_reached ();
    }
  catch (Jobs.Error.CRITICAL error)
    {
      assert ("failing: attempt 2" in error.message);
    }
  assert (engine.get_culprit () == failing);
  assert (failing.get_error () is IOError.NOT_FOUND);
  assert (engine.why ().length > 0);

  try
    {
      yield failing.run_async ();
      assert_not_reached ();
    }
  catch (IOError.NOT_FOUND error)
    {
    }
}

async void test_cancel () throws Error
{
  var action = new Work ("long", 100000);
  var engine = new Jobs.Engine ();
  var cancellable = new Cancellable ();
  engine.add (action);
  engine.action_state_changed.connect ((action, before, now) => {
    if (now == Jobs.State.RUNNING)
      cancellable.cancel ();
  });
  try
    {
      yield engine.orchestrate_async (cancellable);
      assert_not_reached ();
    }
  catch (IOError.CANCELLED error)
    {
    }
  assert (action.n_stopped == 1);
  assert (action.state == Jobs.State.CANCELLED);
}

async void test_functions () throws Error
{
  var log = new GenericArray<string> ();
  var call = new Jobs.CallbackAction ("call", () => {
    log.add ("call");
    return true;
  });
  var begin = new Jobs.AsyncAction ("begin", (action, attempt) => {
    Idle.add (() => {
      log.add ("begin");
      attempt.complete ("value");
      return Source.REMOVE;
    });
    return true;
  });
  var thread = new Jobs.ThreadAction ("thread", (action, attempt) => {
    attempt.report (0.5, "half");
    attempt.complete (7);
    return true;
  });
  var throws_up = new Jobs.CallbackAction (null, () => {
    throw new IOError.BUSY ("not now");
  });
  throws_up.critical = false;
  begin.requires (call);

  var engine = new Jobs.Engine ();
  engine.add_many ({ call, begin, thread, throws_up });
  yield engine.orchestrate_async ();
  assert (log[0] == "call" && log[1] == "begin" && log.length == 2);
  assert (begin.get_result ().get_string () == "value");
  assert (thread.get_result ().get_int () == 7);
  assert (throws_up.get_error () is IOError.BUSY);
}

async void test_resources () throws Error
{
  var connection = new Connection ();
  var pool = new Jobs.Pool ("memory", 4);
  var engine = new Jobs.Engine ();
  for (uint i = 0; i < 3; i++)
    {
      var action = new Work (null, 1);
      action.use (connection);
      action.add_pool (pool, 2);
      assert (action.dup_pools ()[0] == pool);
      assert (action.dup_resources ()[0] == connection);
      engine.add (action);
    }
  yield engine.orchestrate_async ();
  assert (connection.n_open == 0);
  assert (!connection.is_open ());
  assert (pool.in_use == 0);
}

async void test_commands () throws Error
{
  var shell = new Jobs.CommandAction.shell ("shell", null, "echo $WORD; exit 3");
  shell.setenv ("WORD", "hello");
  shell.set_allowed_exits ({ 3 });
  shell.capture = true;
  var node = new Jobs.CommandAction ("node", new EchoNode ("echo"), { "a", "b c" });
  node.set_capture (true);
  var lengths = new GenericArray<int> ();
  shell.output_line.connect ((stream, line) => lengths.add (line.length));

  var engine = new Jobs.Engine ();
  engine.add_many ({ shell, node });
  yield engine.orchestrate_async ();
  assert (shell.get_result ().get_string () == "hello");
  assert (shell.exit_status == 3);
  assert (lengths.length == 1 && lengths[0] == "hello".length);
  assert (node.get_result ().get_string () == "a b c");
  assert (node.get_argv ().length == 2);
}

async void test_monitors () throws Error
{
  var sequence = new Jobs.Sequence ();
  sequence.append (new Work ("first", 20));
  sequence.append (new Work ("second", 1));
  assert (sequence.get_last ().label == "second");

  var engine = new Jobs.Engine ();
  engine.add_sequence (sequence);
  var board = new Jobs.EngineBoard (engine);
  var stream = new MemoryOutputStream.resizable ();
  var monitor = new Jobs.TextMonitor (engine);
  monitor.set_stream (stream);
  var ended = new GenericArray<string> ();
  engine.action_state_changed.connect ((action, before, now) => {
    if (now.is_terminal ())
      ended.add (action.label);
    // Vala takes nothing that is in the array for its own
    for (int i = 0; i < 3; i++)
      assert (board.dup_active (10).length <= 1);
  });
  var lines = new GenericArray<Jobs.Line> ();
  lines.add ((Jobs.Line) board.get_item (1));
  var requirements = yield board.list_requirements_async (lines);
  assert (requirements.length == 1);
  assert (requirements[0].line.label == "second" && requirements[0].other.label == "first");
  yield engine.orchestrate_async ();
  board.update ();
  monitor.detach ();
  // The end of the text
  stream.write ({ 0 });
  stream.close ();

  assert (ended[0] == "first" && ended[1] == "second");
  assert (((Jobs.Line) board.get_item (1)).label == "second");
  assert (board.count (Jobs.State.FINISHED) == 2);
  assert ("second" in (string) stream.steal_as_bytes ().get_data ());
}

int n_passed;

void pass (string name)
{
  stdout.printf ("ok %d /jobs/vala/%s\n", ++n_passed, name);
}

async void run_all () throws Error
{
  yield test_results ();
  pass ("results");
  yield test_errors ();
  pass ("errors");
  yield test_cancel ();
  pass ("cancel");
  yield test_functions ();
  pass ("functions");
  yield test_resources ();
  pass ("resources");
  yield test_commands ();
  pass ("commands");
  yield test_monitors ();
  pass ("monitors");
}

int main ()
{
  var loop = new MainLoop ();

  stdout.printf ("1..7\n");
  Timeout.add_seconds (WATCHDOG, () => {
    error ("The watchdog has barked");
  });
  run_all.begin ((source, result) => {
    try
      {
        run_all.end (result);
      }
    catch (Error error)
      {
        assert_no_error (error);
      }
    loop.quit ();
  });
  loop.run ();
  return 0;
}
