var builder = WebApplication.CreateSlimBuilder(args);
var app = builder.Build();
app.MapGet("/up", () => "up");
app.Run();
