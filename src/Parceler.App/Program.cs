using Parceler.App;
using Parceler.App.Configuration;

var settings = new SettingsReader(ConfigurationSources.Read([])).Read();
return await RunService.RunAsync(settings, new(Web: true, Worker: true, Scheduler: true), ignoresMaintenance: false, CancellationToken.None);
