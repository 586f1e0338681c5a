using GlusterBus.Contracts.Pipeline;
using GlusterBus.Router.State;
using GlusterBus.Router.State.Memory;
using GlusterBus.Router.State.Sqlite;
using GlusterBus.TestKit;
using Microsoft.Extensions.Logging.Abstractions;

namespace GlusterBus.Router.Tests.State;

public sealed class MemoryStoreFactory : IStoreFactory
{
    private readonly MemoryStore _store = new();

    public Task<(IStateTable, ITransitionArchive, IDeliveryQueues?)> OpenAsync(CancellationToken cancellationToken) =>
        Task.FromResult<(IStateTable, ITransitionArchive, IDeliveryQueues?)>((_store, _store, _store));

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

public sealed class SqliteStoreFactory : IStoreFactory
{
    private readonly TemporaryFolder _folder = new();
    private readonly List<SqliteStore> _opened = [];

    public async Task<(IStateTable, ITransitionArchive, IDeliveryQueues?)> OpenAsync(CancellationToken cancellationToken)
    {
        // The store before stays open, as after kill -9: nobody said goodbye.
        SqliteStore store = await SqliteStore.OpenAsync(_folder.File("glusterbus.db"), new SqliteStoreOptions(), TimeProvider.System, NullLogger<SqliteStore>.Instance, cancellationToken);
        _opened.Add(store);
        return (store, store, store);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (SqliteStore store in _opened)
        {
            await store.DisposeAsync();
        }

        _folder.Dispose();
    }
}

public sealed class MemoryStoreTests : EmbeddedStoreContract<MemoryStoreFactory>;

public sealed class SqliteStoreTests : EmbeddedStoreContract<SqliteStoreFactory>;
